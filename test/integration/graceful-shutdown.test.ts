import { waitUntil } from '@grm/controller-runtime/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeRequest, type ServiceComponent, startJudgeService, startRequestPump, tallyReplies, temporaryFolder, workQueueState, writeScriptedModel } from '../support/index.ts';

const folder = await temporaryFolder();
const endings = [[9, 2], [3, 8]];
const models = { model: `${folder.path}/judge`, metaRM: `${folder.path}/meta-rm` };
await writeScriptedModel(models.model, { endings, thoughts: 100 });
await writeScriptedModel(models.metaRM, { endings, thoughts: 100, soundness: [3, -3] });
const service = await startJudgeService({ voters: 2, samplers: 2, metaRMs: 2, engine: models });
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const groups = { voter: service.voters, sampler: service.samplers, 'meta-rm': service.metaRMs } as const;
const busy: Record<ServiceComponent, string> = { voter: 'grm_requests_in_flight', sampler: 'grm_work_tasks_in_flight', 'meta-rm': 'grm_work_tasks_in_flight' };

describe('SIGTERM under load', () => {
  it.each(['voter', 'sampler', 'meta-rm'] as const)('a %s finishes what it has, answers it once, and exits with 0', async (component) => {
    const [leaving] = groups[component];
    if (leaving === undefined) throw new Error(`no ${component} runs`);
    const before = await workQueueState(service);
    using replies = await tallyReplies(service);
    const pump = startRequestPump(service.client, { concurrency: 4, request: (index) => judgeRequest({ id: `${component}-${index}`, sampling: { seed: index } }) });
    try {
      await waitUntil(() => pump.verdicts.size >= 4, { what: 'requests under way' });
      await waitUntil(async () => (await leaving.metric(busy[component])) > 0, { what: `a ${component} at work`, everyMs: 1 });
      expect(await leaving.end('SIGTERM')).toEqual({ code: 0, signal: null });
      const afterwards = pump.verdicts.size;
      await waitUntil(() => pump.verdicts.size >= afterwards + 4, { what: 'the others to go on' });
    } finally {
      await pump.stop();
      await leaving.restart();
    }
    await replies.catchUp();
    expect(pump.failures).toEqual([]);
    expect(replies.errors).toEqual([]);
    for (const tally of [replies.requests, replies.verdicts, replies.results]) expect([...tally].filter(([, times]) => times !== 1)).toEqual([]);
    expect(replies.verdicts.size).toBe(pump.verdicts.size);
    // Finished rather than handed back: nothing was delivered a second time.
    const { published, sampler, metaRM } = await workQueueState(service);
    expect(sampler.deliveries + metaRM.deliveries - (before.sampler.deliveries + before.metaRM.deliveries)).toBe(published - before.published);
  });
});
