import { DeadlineExceededError } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeRequest, startJudgeService, temporaryFolder, workQueueState, writeScriptedModel } from '../support/index.ts';

/** Minutes of drawing. */
const thoughts = 12_000;

const folder = await temporaryFolder();
await writeScriptedModel(folder.path, { thoughts, contextLength: 2 * thoughts });
const service = await startJudgeService({ engine: { model: folder.path }, environment: { GRM_MAX_TOKENS: String(thoughts) } });
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

describe('work that nobody waits for any more', () => {
  it('is stopped in the middle of a generation, not finished, not repeated, and the sampler is free again', async () => {
    const [sampler] = service.samplers;
    if (sampler === undefined) throw new Error('no sampler runs');
    const call = service.client.judge(judgeRequest({ sampling: { samples: 8 } }), { timeoutMs: 3_000 });
    await waitUntil(async () => (await sampler.metric('grm_work_tasks_in_flight')) > 0, { what: 'a sampler at work' });
    await expect(call).rejects.toThrow(DeadlineExceededError);
    await waitUntil(async () => (await sampler.metric('grm_work_tasks_in_flight')) === 0, { what: 'a sampler that has stopped', withinMs: 10_000 });
    expect(await sampler.metric('grm_work_tasks_skipped_total')).toBe(1);
    expect(await workQueueState(service)).toMatchObject({ messages: 0, published: 1, sampler: { deliveries: 1 } });
  });
});
