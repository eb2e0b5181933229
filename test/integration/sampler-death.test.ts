import { waitUntil } from '@grm/controller-runtime/testing';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeRequest, type ServiceProcess, startJudgeService, tallyReplies, temporaryFolder, workQueueState, writeScriptedModel } from '../support/index.ts';

/** Long enough to be killed in the middle of, on any machine that these tests run on. */
const thoughts = 2_000;

const folder = await temporaryFolder();
await writeScriptedModel(folder.path, { thoughts });
const service = await startJudgeService({ samplers: 2, engine: { model: folder.path }, environment: { GRM_MAX_TOKENS: String(2 * thoughts) } });
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

async function samplerAtWork(): Promise<ServiceProcess> {
  return waitUntil(
    async () => {
      for (const sampler of service.samplers) if (sampler.running && (await sampler.metric('grm_work_tasks_in_flight')) > 0) return sampler;
      return undefined;
    },
    { what: 'a sampler that draws' },
  );
}

describe('a sampler killed in the middle of a generation', () => {
  it('another one draws its task, and the verdict comes', async () => {
    using replies = await tallyReplies(service);
    const waiting = service.client.judge(judgeRequest(), { timeoutMs: 60_000 });
    const first = await samplerAtWork();
    await first.end('SIGKILL');
    expect(await waiting).toMatchObject({ samples: { asked: 4, drawn: 4, parsed: 4 } });
    await replies.catchUp();
    expect([...replies.results.values()]).toEqual([1]);
    expect((await workQueueState(service)).sampler.deliveries).toBe(2);
    await first.restart();
  });

  it('in the middle of writing an answer, it costs one redelivery', async () => {
    const { conversation, responses, sampling = {} } = judgeRequest({ responses: ['42'] });
    const before = await workQueueState(service);
    // The judge gives two scores, so there are to be two to judge.
    const waiting = service.client.answer({ conversation, responses, sampling, candidates: 1, rounds: 0 }, { timeoutMs: 60_000 });
    const first = await samplerAtWork();
    await first.end('SIGKILL');
    expect(await waiting).toMatchObject({ accepted: true, rounds: [{ written: 1, verdict: { samples: { asked: 4, drawn: 4, parsed: 4 } } }] });
    const after = await workQueueState(service);
    expect([after.published - before.published, after.sampler.deliveries - before.sampler.deliveries]).toEqual([2, 3]);
    await first.restart();
  });

  it('with no other one, the restarted one draws its task', async () => {
    for (const sampler of service.samplers.slice(1)) await sampler.end('SIGKILL');
    const waiting = service.client.judge(judgeRequest(), { timeoutMs: 60_000 });
    const only = await samplerAtWork();
    await only.end('SIGKILL');
    await only.restart();
    expect(await waiting).toMatchObject({ samples: { asked: 4, drawn: 4, parsed: 4 } });
  });
});
