import { waitUntil } from '@grm/controller-runtime/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeRequest, startJudgeService, temporaryFolder, writeScriptedModel } from '../support/index.ts';

/** As the project promises, seconds. */
const longestStall = 0.05;
const windowMs = 1_000;

const folder = await temporaryFolder();
// Some milliseconds a step, so that a block of steps on the main thread would be far above the promise.
await writeScriptedModel(folder.path, { thoughts: 400, intermediateSize: 16_384 });
const service = await startJudgeService({ engine: { model: folder.path }, environment: { GRM_MAX_TOKENS: '500' } });
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('the event loop of a sampler', () => {
  it('does not stall while a model runs', async () => {
    const [sampler] = service.samplers;
    if (sampler === undefined) throw new Error('no sampler runs');
    const controller = new AbortController();
    const requests = Array.from({ length: 4 }, (_, seed) =>
      service.client.judge(judgeRequest({ sampling: { samples: 8, seed } }), { timeoutMs: 100_000, signal: controller.signal }).catch(() => undefined),
    );
    // Each look reports the longest stall since the one before. Other tests may hold the cores up for a moment, which is no fault of
    // the sampler's; a model on its main thread would stall it in every window.
    await waitUntil(async () => (await sampler.metric('grm_work_tasks_in_flight')) > 0, { what: 'a sampler at work' });
    await sampler.metric('nodejs_eventloop_lag_max_seconds');
    const calm = await waitUntil(
      async () => {
        const stall = await sampler.metric('nodejs_eventloop_lag_max_seconds');
        return (await sampler.metric('grm_work_tasks_in_flight')) > 0 && stall > 0 && stall < longestStall ? stall : undefined;
      },
      { what: `a second of work without a stall of ${longestStall} s`, everyMs: windowMs, withinMs: 30_000 },
    );
    expect(calm).toBeLessThan(longestStall);
    controller.abort();
    await Promise.all(requests);
  });

  it('does not stall while somebody sends it one word of 60 KB', async () => {
    const [sampler] = service.samplers;
    if (sampler === undefined) throw new Error('no sampler runs');
    const request = judgeRequest({ responses: ['42', 'x'.repeat(60_000)] });
    const calm = await waitUntil(
      async () => {
        await sampler.metric('nodejs_eventloop_lag_max_seconds');
        await expect(service.client.judge(request)).rejects.toThrow(/The prompt is \d{5} tokens, the judge takes at most 4096/);
        const stall = await sampler.metric('nodejs_eventloop_lag_max_seconds');
        return stall > 0 && stall < longestStall ? stall : undefined;
      },
      { what: `such a request without a stall of ${longestStall} s`, everyMs: windowMs, withinMs: 30_000 },
    );
    expect(calm).toBeLessThan(longestStall);
  });
});
