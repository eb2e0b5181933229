import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startNatsServer, type TestNatsServer } from '@grm/service-kit/testing';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startFakeAnswerer } from '../testing/fake-answerer.ts';
import { type Ran, runGrmctl } from '../testing/run-grmctl.ts';

let folder = '';
let nats: TestNatsServer;
let answerer: Awaited<ReturnType<typeof startFakeAnswerer>>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grm-answer-'));
  nats = await startNatsServer();
  answerer = await startFakeAnswerer(nats.url, { namespace: 'default', service: 'nano' });
});
afterAll(async () => {
  await answerer[Symbol.asyncDispose]();
  await nats[Symbol.asyncDispose]();
  await rm(folder, { recursive: true, force: true });
});

const answer = (words: string[], input = ''): Promise<Ran> => runGrmctl(['answer', ...words], { folder, input, environment: { GRM_NATS_URL: nats.url } });
const question = ['-q', 'What is 17 + 25?', '--service', 'nano'];

describe('grmctl answer', () => {
  it('shows what each round judged, what was criticised, how it ended, and the answer', async () => {
    const { code, output } = await answer([...question, '-k', '4']);
    expect(code).toBe(0);
    expect(output).toMatch(/ROUND +FROM +MEAN +RESULT +TEXT\n +1 +model +3\.00 +dropped +32\n +1 +model +5\.00 +best +43\n +2 +best so far +4\.00 +dropped +43\n +2 +model +9\.00 +best +It is 42\. Really\.\n +2 +model +8\.00 +kept +42\n/);
    expect(output).toContain('Critique after round 1  says 43, want 42');
    expect(output).toContain('Accepted: 9.00 of 6.00 wanted, from round 2');
    expect(output).toContain('4 different answers written, 8 judgements drawn; 20 tokens in 2 ms by fake');
    expect(output).toMatch(/\n\nIt is 42\.\n.*Really\.\n$/);
  });

  it('prints the answer as it came, with --json', async () => {
    const { output } = await answer([...question, '--json']);
    expect(JSON.parse(output)).toMatchObject({ accepted: true, rounds: [{ written: 2 }, { written: 2 }] });
  });

  it('sends what the options say, and no more', async () => {
    await answer(question);
    expect(answerer.requests.at(-1)).toEqual({ id: expect.any(String), conversation: [{ role: 'user', content: 'What is 17 + 25?' }] });
    const options = ['-r', '43', '-c', '8', '--threshold', '7.5', '--rounds', '0', '--temperature', '1', '--max-tokens', '20', '-k', '4', '--seed', '3', '--criterion', 'brevity', '--reference', '42', '--judgements'];
    const { output } = await answer([...question, ...options]);
    expect(answerer.requests.at(-1)).toMatchObject({
      responses: ['43'],
      candidates: 8,
      threshold: 7.5,
      rounds: 0,
      writing: { temperature: 1, maxTokens: 20 },
      sampling: { samples: 4, seed: 3 },
      criteria: ['brevity'],
      reference: '42',
      detail: 'judgements',
    });
    expect(output).toContain('Judgement 1  seed 7');
    expect(output).toMatch(/ 1 +you +3\.00/);
    expect(output).toContain('of 7.50 wanted');
  });

  it('reads a request from standard input, and lets options say more', async () => {
    const request = { conversation: [{ role: 'system', content: 'Be brief.' }, { role: 'user', content: 'hello' }], rounds: 2, sampling: { samples: 3 } };
    await answer(['-f', '-', '--service', 'nano', '--seed', '5'], JSON.stringify(request));
    expect(answerer.requests.at(-1)).toEqual({ id: expect.any(String), ...request, sampling: { samples: 3, seed: 5 } });
  });

  it('lets no control character of a model reach the terminal', async () => {
    const { output } = await answer([...question, '--judgements']);
    expect(output).not.toContain('\u001B');
  });

  it('refuses bad input with exit code 2, naming it', async () => {
    await writeFile(join(folder, 'bad.json'), '{"conversation": []}');
    const refusals = [
      await answer(['--service', 'nano']),
      await answer([...question, '-f', 'bad.json']),
      await answer(['-f', 'bad.json', '--service', 'nano']),
      await answer(['-f', 'absent.json', '--service', 'nano']),
      await answer([...question, '-c', '0']),
      await answer([...question, '--threshold', '11']),
      await answer([...question, '--rounds', '9']),
      await answer(['-q', '', '--service', 'nano']),
    ];
    expect(refusals.map(({ code }) => code)).toEqual(refusals.map(() => 2));
    const errors = refusals.map(({ errors: text }) => text).join('');
    for (const said of ['nothing to answer', 'not both', 'bad.json is not valid: conversation', 'absent.json cannot be read', 'whole number from 1', 'number from 1 to 10', 'whole number from 0 to 8', 'conversation[0].content']) {
      expect(errors).toContain(said);
    }
  });
});
