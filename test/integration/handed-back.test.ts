import { waitUntil } from '@grm/controller-runtime/testing';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, describe, expect, it } from 'vitest';
import { judgeRequest, type ServiceProcess, startJudgeService, tallyReplies, temporaryFolder, writeScriptedModel } from '../support/index.ts';

/** A process that has not left by then ends itself with 1. */
const drainMs = 2_000;
/** A worker that says nothing for so long has died. */
const silenceMs = 5_000;

const folder = await temporaryFolder();
// A judgement takes seconds: more than a worker that is told to stop has left for it.
await writeScriptedModel(`${folder.path}/slow`, { thoughts: 3_000 });
const service = await startJudgeService({ voters: 2, samplers: 2, engine: { model: `${folder.path}/slow` }, environment: { GRM_MAX_TOKENS: '8000', GRM_DRAIN_MS: String(drainMs) } });
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

/** The one of these processes that has something in hand. */
function busyOf(processes: readonly ServiceProcess[], gauge: string, withinMs = 20_000): Promise<ServiceProcess> {
  const find = async () => {
    const busy = await Promise.all(processes.map((process) => process.metric(gauge)));
    return processes.find((_, index) => (busy[index] ?? 0) > 0);
  };
  return waitUntil(find, { what: `a process with ${gauge}`, withinMs });
}

const slow = (id: string) => judgeRequest({ id, sampling: { samples: 1 } });

describe('SIGTERM with work that takes longer than there is time', () => {
  it('a sampler hands it back and leaves in time, and another does it at once', async () => {
    using replies = await tallyReplies(service);
    const verdict = service.client.judge(slow('handed-back'), { timeoutMs: 90_000 });
    const leaving = await busyOf(service.samplers, 'grm_work_tasks_in_flight');
    expect(await leaving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect(leaving.messages.join('\n')).toContain('handing them back');
    // Sooner than silence would have set it free.
    await busyOf(service.samplers.filter((other) => other !== leaving), 'grm_work_tasks_in_flight', silenceMs / 2);
    expect((await verdict).samples.parsed).toBe(1);
    await replies.catchUp();
    expect([...replies.verdicts]).toEqual([['handed-back', 1]]);
    expect([...replies.results.values()]).toEqual([1]);
    expect((await (await jetstreamManager(service.connection)).streams.info(service.names.dead.stream)).state.messages).toBe(0);
  });

  it('a voter says so to whoever waits, who finds the other one', async () => {
    using replies = await tallyReplies(service);
    const verdict = service.client.judge(slow('sent-again'), { timeoutMs: 90_000 });
    const leaving = await busyOf(service.voters, 'grm_requests_in_flight');
    expect(await leaving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    expect((await verdict).id).toBe('sent-again');
    await replies.catchUp();
    expect(replies.errors).toEqual(['model-unavailable: The service is shutting down; send the request again']);
    expect([...replies.verdicts]).toEqual([['sent-again', 1]]);
  });
});
