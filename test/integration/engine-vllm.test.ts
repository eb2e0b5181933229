import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { freePort } from '@grm/controller-runtime/testing';
import { type Completion, type Engine, openEmbeddedEngine, openServerEngine } from '@grm/engine';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { judgeRequest, repositoryFile, startJudgeService, temporaryFolder } from '../support/index.ts';

const patience = { timeout: 60_000, interval: 20 };
/** vLLM's executable. It has no wheel for CPUs that pip could install by itself, so whoever has one says where. */
const vllm = process.env['GRM_TEST_VLLM'] ?? '';
if (vllm === '') process.stdout.write('skipped: an engine on a real vLLM: GRM_TEST_VLLM does not say where its executable is\n');

interface Vllm extends AsyncDisposable {
  readonly url: string;
  metric(name: string): Promise<number>;
}

/** vLLM on the CPU, as it is started in pods; one model each. */
async function serve(model: string, name: string): Promise<Vllm> {
  const port = await freePort();
  const home = await temporaryFolder();
  const options = ['--served-model-name', name, '--host', '127.0.0.1', '--port', String(port), '--dtype', 'float32', '--enforce-eager'];
  const child: ChildProcess = spawn(vllm, ['serve', model, ...options], { env: { ...process.env, HOME: home.path, VLLM_CPU_KVCACHE_SPACE: '1', OMP_NUM_THREADS: '1' }, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
  child.stderr?.resume();
  return {
    url: `http://127.0.0.1:${port}`,
    metric: async (metric) => {
      const text = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
      return text.split('\n').filter((line) => line.startsWith(`${metric}{`)).reduce((sum, line) => sum + Number(line.slice(line.lastIndexOf(' '))), 0);
    },
    [Symbol.asyncDispose]: async () => {
      if (child.pid !== undefined && child.exitCode === null && child.signalCode === null) {
        const exited = once(child, 'exit');
        // With its engine, which is a process of its own in the same group.
        process.kill(-child.pid, 'SIGKILL');
        await exited;
      }
      await home[Symbol.asyncDispose]();
    },
  };
}

async function all(engine: Pick<Engine, 'generate'>, request: Parameters<Engine['generate']>[0], signal?: AbortSignal): Promise<Completion[]> {
  const completions: Completion[] = [];
  for await (const completion of engine.generate(request, signal)) completions.push(completion);
  return completions.toSorted((a, b) => a.prompt - b.prompt || a.sample - b.sample);
}

const judge = repositoryFile('models/nano-judge');
const metaRM = repositoryFile('models/nano-meta-rm');
const prompts = ['[Query] what is 2 + 3?\n[Response 1] 5.\n[Response 2] 7.\n[Judge]', '[Query] what is the opposite of hot?\n[Response 1] cold.\n[Response 2] wet.\n[Judge]'];
const started = 600_000;

describe.skipIf(vllm === '')('an engine on a real vLLM', () => {
  let judging: Vllm;
  let scoring: Vllm;
  beforeAll(async () => {
    [judging, scoring] = [await serve(judge, 'judge'), await serve(metaRM, 'meta')];
    const opened = await Promise.all([openServerEngine({ url: judging.url, dialect: 'VLLM', kind: 'generate', startupMs: started }), openServerEngine({ url: scoring.url, dialect: 'VLLM', kind: 'score', startupMs: started })]);
    await Promise.all(opened.map((engine) => engine[Symbol.asyncDispose]()));
  }, started);
  afterAll(() => Promise.all([judging, scoring].map((server) => server[Symbol.asyncDispose]())));

  it('judges greedily as the embedded engine does, token for token, with its log-probabilities', async () => {
    await using there = await openServerEngine({ url: judging.url, dialect: 'VLLM', kind: 'generate', prompts: judge });
    await using here = await openEmbeddedEngine({ model: judge, kind: 'generate' });
    const request = { prompts: prompts.map((text) => ({ text, samples: [{ seed: 1 }] })), temperature: 0, maxTokens: 80, stop: ['\n['] };
    const [served, embedded] = [await all(there, request), await all(here, request)];
    expect(served.map(({ text, tokens, promptTokens, finishReason }) => ({ text, tokens, promptTokens, finishReason }))).toEqual(embedded.map(({ text, tokens, promptTokens, finishReason }) => ({ text, tokens, promptTokens, finishReason })));
    const furthest = Math.max(...served.flatMap(({ logprobs }, index) => logprobs.map((logprob, token) => Math.abs(logprob - (embedded[index]?.logprobs[token] ?? Number.NaN)))));
    expect(furthest).toBeLessThan(1e-3);
  });

  it('draws the same texts for the same seeds, and others for others', async () => {
    await using engine = await openServerEngine({ url: judging.url, dialect: 'VLLM', kind: 'generate', prompts: judge });
    const request = { prompts: [{ text: prompts[0] ?? '', samples: [1, 2, 3, 1, 0xffff_ffff].map((seed) => ({ seed })) }], temperature: 1, maxTokens: 60, stop: ['\n['] };
    const [first, second] = [await all(engine, request), await all(engine, request)];
    expect(second.map(({ text }) => text)).toEqual(first.map(({ text }) => text));
    expect(first[3]?.text).toBe(first[0]?.text);
    expect(new Set(first.map(({ text }) => text)).size).toBeGreaterThan(2);
  });

  it('stops what it draws when it is told to: the server draws no more', async () => {
    await using engine = await openServerEngine({ url: judging.url, dialect: 'VLLM', kind: 'generate' });
    const leaving = new AbortController();
    // So many that a small model, too, draws for a while.
    const drawing = all(engine, { prompts: [{ text: prompts[0] ?? '', samples: Array.from({ length: 300 }, (_, seed) => ({ seed })) }], temperature: 2, maxTokens: 400 }, leaving.signal);
    await expect.poll(() => judging.metric('vllm:num_requests_running'), patience).toBeGreaterThan(0);
    leaving.abort();
    expect((await drawing).filter(({ finishReason }) => finishReason === 'cancelled').length).toBeGreaterThan(0);
    await expect.poll(() => judging.metric('vllm:num_requests_running'), patience).toBe(0);
  });

  it('scores as the embedded engine does: logits, not probabilities', async () => {
    await using there = await openServerEngine({ url: scoring.url, dialect: 'VLLM', kind: 'score', prompts: metaRM });
    await using here = await openEmbeddedEngine({ model: metaRM, kind: 'score' });
    const texts = [...prompts, `${prompts[0]} Criteria: accuracy 9\nScores: \\boxed{9, 2}`].map((text) => ({ text }));
    const [served, embedded] = [await there.score(texts), await here.score(texts)];
    expect(embedded.some((score) => score < 0 || score > 1)).toBe(true);
    served.forEach((score, index) => expect(score).toBeCloseTo(embedded[index] ?? Number.NaN, 3));
  });

  it('gives a request the verdict that samplers and meta RMs of our own give it', async () => {
    const request = judgeRequest({ conversation: [{ role: 'user', content: 'what is the opposite of hot?' }], responses: ['cold.', 'wet.'], sampling: { samples: 4, seed: 5, temperature: 0 }, detail: 'judgements' });
    await using embedded = await startJudgeService({ metaRMs: 1, engine: { model: judge, metaRM } });
    const expected = await embedded.client.judge(request, { timeoutMs: 60_000 });
    await using served = await startJudgeService({ samplers: 0, metaRMs: 0, environment: { GRM_VOTE_META_RM: 'Weight' } });
    const asking = (url: string, model: string) => ({ GRM_ENGINE: 'openai', GRM_SERVER_DIALECT: 'VLLM', GRM_SERVER_URL: url, GRM_MODEL: model, GRM_CONCURRENCY: '4' });
    const sampler = await served.start('sampler', asking(judging.url, judge));
    onTestFinished(() => sampler[Symbol.asyncDispose]());
    await served.start('meta-rm', asking(scoring.url, metaRM));
    const verdict = await served.client.judge(request, { timeoutMs: 60_000 });
    expect(verdict.best).toBe(0);
    expect(verdict.judgements?.map(({ scores, analysis }) => ({ scores, analysis }))).toEqual(expected.judgements?.map(({ scores, analysis }) => ({ scores, analysis })));
    verdict.scores.forEach((score, index) => expect(score).toBeCloseTo(expected.scores[index] ?? Number.NaN, 2));
  });
});
