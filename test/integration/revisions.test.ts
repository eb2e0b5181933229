import { connectJudge } from '@grm/client';
import { waitUntil } from '@grm/controller-runtime/testing';
import type { Verdict } from '@grm/protocol';
import { ensureTopology, gateReport, removeRevision, workBacklog, workersOf } from '@grm/service-kit';
import { jetstreamManager } from '@nats-io/jetstream';
import { afterAll, describe, expect, it } from 'vitest';
import { grmctl, judgeRequest, type ServiceComponent, startJudgeService, startRequestPump, tallyReplies, temporaryFolder, writeScriptedModel } from '../support/index.ts';

/** Two models that disagree on everything, so that a judgement shows whose it is. */
const opinions = { rold: [9, 2], rnew: [3, 8] } as const;
type Revision = keyof typeof opinions;

const folder = await temporaryFolder();
const service = await startJudgeService({ voters: 0, samplers: 0, environment: { GRM_VOTE_META_RM: 'Weight' } });
afterAll(async () => {
  await service[Symbol.asyncDispose]();
  await folder[Symbol.asyncDispose]();
});

const addressOf = (revision: Revision) => ({ ...service.address, revision });
const environmentOf = (component: ServiceComponent, revision: Revision) => ({
  GRM_REVISION: revision,
  ...(component === 'voter' ? {} : { GRM_ENGINE: 'embedded', GRM_MODEL: `${folder.path}/${revision}-${component}` }),
});
const start = (component: ServiceComponent, revision: Revision, further: Record<string, string> = {}) => service.start(component, { ...environmentOf(component, revision), ...further });

async function startWorkers(revision: Revision) {
  // Each sees the responses in orders of its own: its opinion goes by the place, the meta RM finds all of it sound.
  const script = { endings: [opinions[revision]], thoughts: 10 };
  await writeScriptedModel(`${folder.path}/${revision}-sampler`, script);
  await writeScriptedModel(`${folder.path}/${revision}-meta-rm`, { ...script, soundness: [3] });
  await ensureTopology(service.connection, { ...addressOf(revision), limits: { maxPending: 1_000 } });
  return Promise.all([start('sampler', revision), start('sampler', revision), start('meta-rm', revision)]);
}

/** The revisions whose models speak in a verdict's judgements. */
function speakersOf({ judgements = [] }: Verdict): Set<string> {
  return new Set(judgements.map(({ scores }) => Object.entries(opinions).find(([, [first]]) => scores.includes(first))?.[0] ?? 'nobody'));
}

const judgement = (index: number) => judgeRequest({ id: `request-${index}`, detail: 'judgements', sampling: { seed: index, samples: 12 } });

describe('a service whose model is replaced under load', () => {
  it('loses no request, answers none twice, and lets no verdict be of two models; the old revision goes without a trace', async () => {
    const oldWorkers = await startWorkers('rold');
    const oldVoters = await Promise.all([start('voter', 'rold'), start('voter', 'rold')]);
    using replies = await tallyReplies(service);
    await using pump = startRequestPump(service.client, { concurrency: 6, request: judgement });
    const more = (verdicts: number, what: string) => {
      const before = pump.verdicts.size;
      return waitUntil(() => pump.verdicts.size >= before + verdicts, { what, withinMs: 60_000 });
    };
    await more(12, 'verdicts of the old revision');

    // A candidate beside it: its own subject alone, its own queue alone.
    const newWorkers = await startWorkers('rnew');
    const candidate = await start('voter', 'rnew', { GRM_CANDIDATE: 'true' });
    await using measuring = await connectJudge({ servers: service.nats.url, ...addressOf('rnew') });
    const [measured] = await Promise.all([measuring.judge({ ...judgement(0), id: 'measured' }), more(12, 'verdicts beside a candidate')]);
    expect(speakersOf(measured)).toEqual(new Set(['rnew']));
    expect(new Set([...pump.verdicts.values()].flatMap((verdict) => [...speakersOf(verdict)]))).toEqual(new Set(['rold']));

    // The serving revision may be measured too, by its own subject.
    await using serving = await connectJudge({ servers: service.nats.url, ...addressOf('rold') });
    expect(speakersOf(await serving.judge({ ...judgement(0), id: 'serving' }))).toEqual(new Set(['rold']));

    // Its gate compares the two while the old one serves.
    const { namespace, service: name } = service.address;
    const gate = await grmctl(folder.path, 'gate', '--server', service.nats.url, '--namespace', namespace, '--service', name, '--revision', 'rnew', '--against', 'rold', '--items', '6', '--deadline', '100');
    expect(gate.code).toBe(0);
    expect(gate.output).toContain('with rold');
    expect(await gateReport(service.connection, addressOf('rnew'))).toMatchObject({ suite: 'nanobench', items: 6, agreement: { with: 'rold', items: 6 } });

    // Promotion: a new voter first, then an old one leaves, one after the other.
    const newVoters = [];
    for (const leaving of oldVoters) {
      newVoters.push(await start('voter', 'rnew'));
      expect(await leaving.end('SIGTERM')).toEqual({ code: 0, signal: null });
    }
    await candidate.end('SIGTERM');
    await more(12, 'verdicts of the new revision');
    await pump.stop();

    await replies.catchUp();
    expect(pump.failures).toEqual([]);
    // The models know two responses, some of the gate's items have more; nobody else is told of an error.
    expect(replies.errors.filter((error) => !error.startsWith('no-valid-sample: None of the 8 judgements'))).toEqual([]);
    for (const tally of [replies.requests, replies.results]) expect([...tally].filter(([, times]) => times !== 1)).toEqual([]);
    expect([...replies.verdicts].filter(([, times]) => times !== 1)).toEqual([]);
    expect([...replies.verdicts.keys()].filter((id) => id.startsWith('request-'))).toHaveLength(pump.verdicts.size);
    const speakers = [...pump.verdicts.values()].map((verdict) => [...speakersOf(verdict)].toSorted().join('+'));
    expect(new Set(speakers)).toEqual(new Set(['rold', 'rnew']));
    expect(speakers.at(-1)).toBe('rnew');

    // What the old revision had to do is done.
    expect(await workBacklog(service.connection, addressOf('rold'))).toEqual({ sampler: 0, metaRM: 0 });
    for (const worker of oldWorkers) expect(await worker.end('SIGTERM')).toEqual({ code: 0, signal: null });
    await removeRevision(service.connection, addressOf('rold'));
    const manager = await jetstreamManager(service.connection);
    const consumers: string[] = [];
    for await (const { name } of manager.consumers.list(service.names.work.stream)) consumers.push(name);
    // Those without a revision are what the service was made with here.
    expect(consumers.toSorted()).toEqual(['meta-rm', 'meta-rm-rnew', 'sampler', 'sampler-rnew']);
    expect((await manager.streams.info(service.names.work.stream)).state.messages).toBe(0);
    expect((await manager.streams.info(service.names.dead.stream)).state.messages).toBe(0);

    // Whoever scales it hears how fast the workers of each revision are, measured on what they have done.
    const workers = await workersOf(service.connection, service.address, 1_000);
    expect(workers.map(({ component, revision }) => `${component} ${revision}`).toSorted()).toEqual(['meta-rm rnew', 'sampler rnew', 'sampler rnew']);
    for (const { busy, loadSeconds, samplesPerSecond, samplesPerTask } of workers) {
      expect(busy).toBe(0);
      for (const measure of [loadSeconds, samplesPerSecond]) expect(measure).toBeGreaterThan(0);
      expect(samplesPerTask).toBeLessThanOrEqual(8);
    }
    for (const process of [...newWorkers, ...newVoters]) expect(process.messages.filter((message) => message.includes('task failed'))).toEqual([]);
  });
});
