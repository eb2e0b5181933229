import { describe, expect, test } from 'vitest';
import { critiqueOf } from './critique-of.ts';

describe('critiqueOf', () => {
  const checks = '61 - 38 = 23. Response 1 says 24, want 23: wrong. Response 2 says 23, want 23: right.';

  test.each<[string, string, number, string]>([
    ['keeps the working and what is said of the response', checks, 0, '61 - 38 = 23. Response 1 says 24, want 23: wrong.'],
    ['calls it by the number that it has alone', checks, 1, '61 - 38 = 23. Response 1 says 23, want 23: right.'],
    ['takes the analysis of a lone response as it is', 'Response 1 is short. It is right.', 0, 'Response 1 is short. It is right.'],
    ['keeps an analysis that names none', 'All is well here.\nMostly.', 2, 'All is well here. Mostly.'],
    ['lets a sentence go on about those named last', 'Response 1 is terse. It is right. Response 2 is long. It rambles.', 1, 'Response 1 is long. It rambles.'],
    ['names no other by its number', 'Unlike Response 2, response 3 is right. Responses 2 and 3 are short.', 2, 'Unlike another response, response 1 is right. Response 1 and others are short.'],
    ['leaves out what is said of others', 'Responses 1, 2 and 3 are fine. Response 4 is not.', 3, 'Response 1 is not.'],
    ['reads lists and bold names', '1. **Response 1**: wrong.\n2. **Response 2**: right, unlike Responses 1 and 3.', 1, '**Response 1**: right, unlike other responses.'],
    ['reads ten as ten', 'Response 10 is good. Response 1 is bad.', 9, 'Response 1 is good.'],
    ['does not take a number of the sentence for a response', 'Response 1 2 words, want 3: wrong. Response 2 3 words, want 3: right.', 0, 'Response 1 2 words, want 3: wrong.'],
    ['is empty where nothing is said of it', 'Response 1 is good.', 1, ''],
    ['is empty for an empty analysis', '', 0, ''],
  ])('%s', (_, analysis, position, critique) => {
    expect(critiqueOf(analysis, position)).toBe(critique);
  });

  test('reads a long analysis in little time', () => {
    const startedAt = performance.now();
    critiqueOf('response 1, 2 and '.repeat(20_000), 0);
    critiqueOf('* '.repeat(200_000), 0);
    critiqueOf('1'.repeat(400_000), 0);
    expect(performance.now() - startedAt).toBeLessThan(2_000);
  });
});
