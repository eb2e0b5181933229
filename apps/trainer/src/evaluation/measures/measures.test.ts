import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { vote } from '@grm/spct';
import type { ItemJudgements, ScoredJudgement, SuiteJudgements } from '../drawing/item-judgements.ts';
import { countJudgements } from './count-judgements.ts';
import { evaluationOf } from './evaluation.ts';
import { comparedPairs, measurePart } from './measure-part.ts';
import { curveSamplesOf, greedy, methodsOf, referenceMethodsOf, scaled, voteRuleOf } from './method.ts';
import { replayStopping } from './replay-stopping.ts';
import { meanCredit, singleScores } from './results-of.ts';
import { partsOf } from './suite-part.ts';
import { verdictsOf } from './verdicts-of.ts';

type Sample = readonly [scores: readonly number[] | null, metaLogit?: number];

const judgement = ([scores, metaLogit]: Sample): ScoredJudgement => ({ scores, tokens: 10, ...(metaLogit === undefined ? {} : { metaLogit }) });

/** An item of two responses of which the first is best. */
const pair = (id: string, samples: readonly Sample[], greedily: Sample = [[9, 2]], category = 'chat'): ItemJudgements => ({
  item: { id, category, conversation: [{ role: 'user', content: id }], responses: ['right', 'wrong'], best: 0, truth: { best: 0 } },
  greedy: judgement(greedily),
  samples: samples.map(judgement),
});
const single = (id: string, label: 0 | 1, samples: readonly Sample[], greedily: Sample = [[5]]): ItemJudgements => ({
  item: { id, conversation: [{ role: 'user', content: id }], responses: ['one'], best: null, label, truth: { label } },
  greedy: judgement(greedily),
  samples: samples.map(judgement),
});
const suiteOf = (items: readonly ItemJudgements[], name = 'pairs'): SuiteJudgements => ({ suite: { name, items: items.map(({ item }) => item), unlabelled: 0 }, items });

const [right, wrong, tie]: Sample[] = [[[9, 2]], [[2, 9]], [[5, 5]]];

describe('the credit of a method', () => {
  it.each<[string, Parameters<typeof meanCredit>[0], readonly Sample[], number]>([
    ['of the greedy judgement looks at no sample', greedy, [[[2, 9]]], 1],
    ['of vote@1 is the mean over the samples', scaled('vote', 1), [right ?? [null], wrong ?? [null], tie ?? [null], right ?? [null]], 0.625],
    ['of vote@2 is the mean over the two pairs', scaled('vote', 2), [[[9, 2]], [[3, 8]], [[2, 9]], [[3, 4]]], 0.5],
    ['of vote@4 is that of all four together', scaled('vote', 4), [[[9, 2]], [[3, 8]], [[2, 9]], [[3, 4]]], 0],
    ['of vote@3 leaves out what makes no whole group', scaled('vote', 3), [[[9, 2]], [[9, 2]], [[9, 2]], [[2, 9]]], 1],
    ['of what cannot be read is a guess', scaled('vote', 2), [[null], [null], [[9, 2]], [null]], 0.75],
    ['of meta@2 weighs by the probability', scaled('meta', 2), [[[6, 5], 4], [[1, 9], -4]], 1],
    ['of meta@2 without a logit is a guess', scaled('meta', 2), [[[6, 5]], [[1, 9]]], 0.5],
    ['of filter@2 keeps the better half', scaled('filter', 2), [[[6, 5], 0], [[1, 9], 1]], 0],
    ['of filter@4 keeps half of what was asked for', scaled('filter', 4), [[[2, 9], 3], [null], [[9, 3], 2], [[1, 9], -1]], 0],
  ])('%s', (_, method, samples, credit) => {
    expect(meanCredit(method, pair('a', samples))).toBe(credit);
  });

  it('of an item with the reference shown comes from what was drawn with it', () => {
    const [, shown] = referenceMethodsOf([1, 2]);
    const item: ItemJudgements = { ...pair('a', [[[2, 9]], [[2, 9]]]), referenceShown: { greedy: judgement([[9, 2]]), samples: [judgement([[9, 2]]), judgement([[8, 7]])] } };
    expect(shown?.shown.name).toBe('vote@2+reference');
    expect(shown === undefined ? Number.NaN : meanCredit(shown.shown, item)).toBe(1);
    expect(shown === undefined ? Number.NaN : meanCredit(shown.plain, item)).toBe(0);
  });
});

const score = fc.integer({ min: 1, max: 10 });
const sample = fc.tuple(fc.option(fc.array(score, { minLength: 3, maxLength: 3 }), { freq: 8 }), fc.integer({ min: -4, max: 4 }));
const threeWay = (samples: readonly Sample[]): ItemJudgements => ({
  ...pair('a', samples),
  item: { id: 'a', conversation: [{ role: 'user', content: 'a' }], responses: ['a', 'b', 'c'], best: 1, truth: { best: 1 } },
});

describe('a verdict', () => {
  it('of all samples is the one that a service gives with so many', () => {
    fc.assert(
      fc.property(fc.array(sample, { minLength: 1, maxLength: 12 }), fc.constantFrom('vote' as const, 'meta' as const, 'filter' as const), (drawn, rule) => {
        const valid = drawn.flatMap(([scores, metaLogit], index) => (scores === null ? [] : [{ index, scores, metaLogit }]));
        const [verdict, ...others] = verdictsOf(scaled(rule, drawn.length), threeWay(drawn));
        expect(others).toEqual([]);
        expect(verdict).toEqual(valid.length === 0 ? null : vote({ samples: valid, responses: 3, rule: voteRuleOf[rule], seed: 5, asked: drawn.length }).meanScores);
      }),
    );
  });

  it('is worth what a service that breaks ties at random is worth', () => {
    const samples: Sample[] = [[[7, 7, 2]], [[4, 4, 1]]];
    const seeds = Array.from({ length: 4_000 }, (_, seed) => seed);
    const wins = seeds.filter((seed) => vote({ samples: samples.flatMap(([scores], index) => (scores === null ? [] : [{ index, scores }])), responses: 3, rule: { kind: 'sum' }, seed }).best === 1);
    expect(meanCredit(scaled('vote', 2), threeWay(samples))).toBe(0.5);
    expect(wins.length / seeds.length).toBeCloseTo(0.5, 1);
  });
});

describe('the scores of a single response', () => {
  it('are means of groups, and the middle of the scale where nothing could be read', () => {
    expect(singleScores(scaled('vote', 2), single('a', 1, [[[9]], [[4]], [null], [null]]))).toEqual([6.5, 5.5]);
    expect(singleScores(greedy, single('a', 1, [], [[8]]))).toEqual([8]);
  });
});

describe('methods', () => {
  it('are greedy, votes, and with a meta RM weighing and filtering of more than one sample', () => {
    const names = (metaRM: boolean) => methodsOf([8, 1, 32], { metaRM }).map(({ name }) => name);
    expect(names(false)).toEqual(['greedy', 'vote@1', 'vote@8', 'vote@32']);
    expect(names(true)).toEqual(['greedy', 'vote@1', 'vote@8', 'vote@32', 'meta@8', 'meta@32', 'filter@8', 'filter@32']);
  });

  it.each([
    [[1, 8, 32], 'vote@8+reference'],
    [[1, 4], 'vote@4+reference'],
    [[32], 'vote@8+reference'],
  ])('of k in %j are set beside %s', (samples, name) => {
    expect(referenceMethodsOf(samples).map(({ shown }) => shown.name)).toEqual(['greedy+reference', name]);
  });

  it('are compared with greedy, with the vote of as many samples, and with themselves of fewer', () => {
    expect(comparedPairs(methodsOf([1, 8, 32], { metaRM: true })).map(([{ name }, than]) => `${name} - ${than.name}`)).toEqual([
      'vote@1 - greedy',
      'vote@8 - greedy', 'vote@8 - vote@1',
      'vote@32 - greedy', 'vote@32 - vote@8',
      'meta@8 - greedy', 'meta@8 - vote@8',
      'meta@32 - greedy', 'meta@32 - vote@32', 'meta@32 - meta@8',
      'filter@8 - greedy', 'filter@8 - vote@8',
      'filter@32 - greedy', 'filter@32 - vote@32', 'filter@32 - filter@8',
    ]);
  });

  it.each([[[1, 8, 32], [1, 2, 4, 8, 16, 32]], [[1], [1]], [[12], [1, 2, 4, 8, 12]]])('of k in %j have the curve %j', (samples, curve) => {
    expect(curveSamplesOf(samples)).toEqual(curve);
  });
});

/** A judge that is right more often than not, of which the meta RM knows a little. */
const judged = Array.from({ length: 60 }, (_, index): ItemJudgements => {
  const samples = Array.from({ length: 8 }, (__, number): Sample => {
    const isRight = (index * 7 + number * 5) % 10 < 6;
    return [isRight ? [8, 3] : [3, 7], isRight ? 1 : -0.5];
  });
  return pair(`item-${index}`, samples, index % 3 === 0 ? [[5, 5]] : [[9, 2]], index % 2 === 0 ? 'chat' : 'safety');
});
const settings = { template: 'compact', principles: true, temperature: 0.5, maxTokens: 192, samples: [1, 4, 8], seed: 1 };
const models = { policy: { name: 'policy', revision: 'sha256:0' }, metaRM: { name: 'meta', revision: 'sha256:1' }, settings };

describe('the measures of a suite', () => {
  const [part] = partsOf(suiteOf(judged));
  const { rows, curve, differences } = measurePart(part ?? { suite: '', measure: 'accuracy', items: [] }, { seed: 1, resamples: 500, samples: [1, 4, 8], metaRM: true });

  it('have a row for every method, in all and by category', () => {
    expect(rows.filter(({ category }) => category === undefined).map(({ method }) => method)).toEqual(['greedy', 'vote@1', 'vote@4', 'vote@8', 'meta@4', 'meta@8', 'filter@4', 'filter@8']);
    expect(rows.filter(({ method }) => method === 'vote@1').map(({ category, items }) => [category, items])).toEqual([[undefined, 60], ['chat', 30], ['safety', 30]]);
    expect(rows[0]).toMatchObject({ suite: 'pairs', measure: 'accuracy', method: 'greedy' });
    expect(rows[0]?.accuracy).toBeCloseTo(1 - 1 / 6, 12);
    expect(rows[1]?.accuracy).toBeCloseTo(0.6, 12);
  });

  it('hold the value within its interval', () => {
    for (const { low, accuracy, high } of rows) expect([low <= accuracy, accuracy <= high]).toEqual([true, true]);
    for (const { low, value, high } of curve) expect([low <= value, value <= high]).toEqual([true, true]);
    for (const { low, difference, high } of differences) expect([low <= difference, difference <= high]).toEqual([true, true]);
  });

  it('begin every curve at the vote of one sample', () => {
    expect(curve.filter(({ samples }) => samples === 1).map(({ value }) => value)).toEqual([0.6, 0.6, 0.6].map((value) => expect.closeTo(value, 12)));
    expect(curve.map(({ rule, samples }) => `${rule} ${samples}`)).toEqual(['vote', 'meta', 'filter'].flatMap((rule) => [1, 2, 4, 8].map((k) => `${rule} ${k}`)));
  });

  it('tell the difference of two methods as that of their rows', () => {
    const valueOf = (name: string) => rows.find(({ method, category }) => method === name && category === undefined)?.accuracy ?? Number.NaN;
    for (const { method, than, difference } of differences) expect(difference).toBeCloseTo(valueOf(method) - valueOf(than), 12);
  });

  it('do not depend on the order of the items', () => {
    expect(evaluationOf([suiteOf(judged.toReversed())], models)).toEqual(evaluationOf([suiteOf(judged)], models));
  });

  it('have single responses apart, by the area under the curve', () => {
    const singles = Array.from({ length: 20 }, (_, index) => single(`single-${index}`, index % 2 === 0 ? 1 : 0, [[[5 + (index % 3)]], [[index % 2 === 0 ? 9 : 2]]], [[5]]));
    const { report, items } = evaluationOf([suiteOf([...judged, ...singles])], { ...models, settings: { ...settings, samples: [1, 2] } });
    expect(report.suites.map(({ measure, items: count, chance }) => [measure, count, chance])).toEqual([['accuracy', 60, 0.5], ['rocAuc', 20, 0.5]]);
    const areas = Object.fromEntries(report.rows.filter(({ measure }) => measure === 'rocAuc').map(({ method, accuracy }) => [method, accuracy]));
    expect(areas['greedy']).toBe(0.5);
    expect(areas['vote@2']).toBe(1);
    expect(areas['vote@1']).toBeGreaterThan(0.6);
    expect(items.find(({ id }) => id === 'single-0')).toMatchObject({ measure: 'rocAuc', label: 1, scores: { greedy: [5], 'vote@1': [5, 9], 'vote@2': [7] } });
  });

  it('leave out what cannot be measured: single responses with one label', () => {
    const { report } = evaluationOf([suiteOf([single('a', 1, [[[5]]]), single('b', 1, [[[6]]])])], { ...models, settings: { ...settings, samples: [1] } });
    expect([report.rows, report.curve, report.differences]).toEqual([[], [], []]);
  });

  it('with the reference shown are of the items that carry one, against the same without', () => {
    const shown = judged.map((item, index) => (index < 10 ? { ...item, referenceShown: { greedy: item.greedy, samples: item.samples.map(() => judgement([[9, 2]])) } } : item));
    const { report, items } = evaluationOf([suiteOf(shown)], models);
    const rowsShown = report.rows.filter(({ method, category }) => method.endsWith('+reference') && category === undefined);
    expect(rowsShown).toMatchObject([{ method: 'greedy+reference', items: 10 }, { method: 'vote@8+reference', items: 10, accuracy: 1 }]);
    expect(report.differences.filter(({ method }) => method === 'greedy+reference')).toMatchObject([{ than: 'greedy', difference: 0, items: 10 }]);
    expect(items.filter((item) => item.measure === 'accuracy' && 'vote@8+reference' in item.credits)).toHaveLength(10);
  });
});

describe('judgements', () => {
  it('are counted by kind, with the share that can be read and their length', () => {
    const items = [pair('a', [[[9, 2]], [null]]), pair('b', [[null], [null]], [null])];
    expect(countJudgements(suiteOf(items))).toEqual([
      { suite: 'pairs', kind: 'greedy', judgements: 2, readable: 0.5, meanTokens: 10 },
      { suite: 'pairs', kind: 'sampled', judgements: 4, readable: 0.25, meanTokens: 10 },
    ]);
  });
});

describe('the replay of early stopping', () => {
  const clear = Array.from({ length: 32 }, (): Sample => [[9, 1], 3]);
  const replayed = (items: readonly ItemJudgements[], metaRM = false) => replayStopping({ suite: 'pairs', measure: 'accuracy', items }, { metaRM });

  it('saves what a service would save, and changes no verdict under Exact', () => {
    const replays = replayed([pair('a', clear), pair('b', clear.map((): Sample => [[5, 5]]))]);
    // Settled after the first 17, as 17 x 8 is above 9 x 15; a tie is never settled.
    expect(replays).toMatchObject([
      { mode: 'Exact', rule: 'vote', asked: 32, verdicts: 2, meanDrawn: (17 + 32) / 2, changed: 0 },
      { mode: 'Confident', rule: 'vote', meanDrawn: (6 + 32) / 2, changed: 0 },
    ]);
  });

  it('counts a verdict that all samples would have changed', () => {
    const late = [...clear.slice(0, 9), ...Array.from({ length: 23 }, (): Sample => [[2, 9]])];
    expect(replayed([pair('a', late)]).map(({ mode, changed }) => [mode, changed])).toEqual([['Exact', 0], ['Confident', 1]]);
  });

  it('looks at every rule with a meta RM, at no item that has no verdict, and not at single responses', () => {
    expect(replayed([pair('a', clear)], true).map(({ rule }) => rule)).toEqual(['vote', 'meta', 'filter', 'vote', 'meta', 'filter']);
    expect(replayed([pair('a', clear.map((): Sample => [null]))])).toMatchObject([{ verdicts: 0, meanDrawn: 0 }, { verdicts: 0 }]);
    expect(replayStopping({ suite: 's', measure: 'rocAuc', items: [single('a', 1, [[[1]], [[2]]])] }, { metaRM: true })).toEqual([]);
  });
});
