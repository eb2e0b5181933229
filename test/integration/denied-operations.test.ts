import { waitUntil } from '@grm/controller-runtime/testing';
import type { NatsUser } from '@grm/protocol';
import { ensureObjectStore, ensureRolloutTopology, ensureTopology } from '@grm/service-kit';
import { errors, type NatsConnection } from '@nats-io/transport-node';
import { afterAll, describe, expect, it } from 'vitest';
import { restrictedNats } from '../support/index.ts';

const service = { namespace: 'team-a', service: 'judge' } as const;
const run = { namespace: 'team-a', run: 'nano' } as const;
const nats = await restrictedNats();
afterAll(() => nats[Symbol.asyncDispose]());
await ensureTopology(nats.admin, { ...service, limits: { maxPending: 100 } });
await ensureRolloutTopology(nats.admin, run);
await ensureObjectStore(nats.admin, 'grm-models', 'Models');
await ensureObjectStore(nats.admin, 'other-models', 'Models of others');

interface Case {
  readonly user: NatsUser;
  /** What it does, to see that the test can tell. */
  readonly may: readonly string[];
  readonly mayNotPublish: readonly string[];
  readonly mayNotHear: readonly string[];
}

const deletesStreams = ['$JS.API.STREAM.DELETE.GRM-WORK-team--a-judge', '$JS.API.STREAM.PURGE.GRM-WORK-team--a-judge', '$JS.API.STREAM.UPDATE.GRM-WORK-team--a-judge', '$JS.API.STREAM.CREATE.NEW'];
const asksTheAccount = ['$JS.API.INFO', '$JS.API.STREAM.LIST', '$JS.API.STREAM.NAMES'];
const readsOthersWork = ['$JS.API.CONSUMER.MSG.NEXT.GRM-WORK-team--b-judge.sampler', '$JS.API.CONSUMER.CREATE.GRM-WORK-team--a-judge.spy', '$JS.API.STREAM.MSG.GET.GRM-WORK-team--a-judge', '$JS.API.DIRECT.GET.GRM-WORK-team--a-judge'];
const everything = ['>', 'grm.>', 'grm.work.team-a.judge.>', '_INBOX.>', '_INBOX_voter.>', '_INBOX_client.>', '$JS.>', '$KV.>', '$O.>'];

const cases: readonly Case[] = [
  {
    user: { role: 'sampler', ...service, modelBuckets: ['grm-models'] },
    may: ['$JS.API.CONSUMER.INFO.GRM-WORK-team--a-judge.sampler', 'grm.dead.team-a.judge', '$JS.API.STREAM.INFO.OBJ_grm-models'],
    mayNotPublish: [
      ...deletesStreams,
      ...asksTheAccount,
      ...readsOthersWork,
      'grm.v1.team-a.judge.judge',
      'grm.work.team-a.judge.sample',
      'grm.cancel.team-a.judge',
      'grm.dead.team-b.judge',
      '_INBOX_voter.team-b.judge.x',
      '_INBOX_client.team-a.search.x',
      '$O.grm-models.M.x',
      '$JS.API.STREAM.PURGE.OBJ_grm-models',
      '$JS.API.STREAM.MSG.GET.OBJ_other-models',
      '$KV.grm-runs.team-a.nano',
      '$KV.grm-gates.team-a.judge.r1',
    ],
    mayNotHear: [...everything, 'grm.v1.team-a.judge.judge', 'grm.cancel.team-b.judge', 'grm.presence.>'],
  },
  {
    user: { role: 'voter', ...service },
    may: ['grm.work.team-a.judge.sample', 'grm.cancel.team-a.judge'],
    mayNotPublish: [
      ...deletesStreams,
      ...asksTheAccount,
      ...readsOthersWork,
      '$JS.API.CONSUMER.MSG.NEXT.GRM-WORK-team--a-judge.sampler',
      'grm.work.team-b.judge.sample',
      'grm.v1.team-b.judge.judge',
      '_INBOX_client.team-a.search.x',
      '$JS.API.STREAM.MSG.GET.OBJ_grm-models',
    ],
    mayNotHear: [...everything, 'grm.v1.>', 'grm.v1.team-b.judge.judge', 'grm.v1.team-a.other.judge', '$SRV.PING.grm-other'],
  },
  {
    user: { role: 'gate', ...service },
    may: ['grm.v1.team-a.judge.judge', 'grm.v1.team-a.judge.revision.r1.judge', '$KV.grm-gates.team-a.judge.r1'],
    mayNotPublish: [...deletesStreams, ...readsOthersWork, '$KV.grm-gates.team-a.other.r1', '$KV.grm-runs.team-a.nano', 'grm.v1.team-a.other.judge', 'grm.work.team-a.judge.sample'],
    mayNotHear: [...everything, 'grm.v1.team-a.judge.judge'],
  },
  {
    user: { role: 'trainer', ...run, modelBuckets: [], artifactsBucket: 'grm-models' },
    may: ['$KV.grm-runs.team-a.nano', 'grm.rollout.team-a.nano.task', '$O.grm-models.C.x', '$JS.API.STREAM.PURGE.GRM-ROLLOUT-team--a-nano'],
    mayNotPublish: [
      ...deletesStreams,
      ...asksTheAccount,
      '$KV.grm-runs.team-a.other',
      '$KV.grm-runs.team-b.nano',
      '$KV.grm-gates.team-a.judge.r1',
      'grm.rollout.team-a.other.task',
      'grm.run.team-a.nano.suspend',
      '$JS.API.STREAM.DELETE.OBJ_grm-models',
      '$JS.API.STREAM.DELETE.GRM-ROLLOUT-team--a-nano',
      '$JS.API.STREAM.MSG.GET.OBJ_other-models',
      '$O.other-models.C.x',
      'grm.v1.team-a.judge.judge',
    ],
    mayNotHear: [...everything, 'grm.run.>', 'grm.run.team-a.other.suspend'],
  },
  {
    user: { role: 'rollouts', ...run },
    may: ['$JS.API.CONSUMER.INFO.GRM-ROLLOUT-team--a-nano.sampler', 'grm.rollout.team-a.nano.dead'],
    mayNotPublish: [...deletesStreams, ...asksTheAccount, 'grm.rollout.team-a.nano.task', '$KV.grm-runs.team-a.nano', '$O.grm-policy-team--a-nano.M.x', '_INBOX_trainer.team-a.other.x', '$JS.API.STREAM.PURGE.GRM-ROLLOUT-team--a-nano'],
    mayNotHear: [...everything, 'grm.rollout.team-a.other.presence'],
  },
  {
    user: { role: 'client', ...service, name: 'search' },
    may: ['grm.v1.team-a.judge.judge', 'grm.v1.team-a.judge.answer'],
    mayNotPublish: [...deletesStreams, ...asksTheAccount, ...readsOthersWork, 'grm.v1.team-a.other.judge', 'grm.v1.team-a.judge.revision.r1.judge', 'grm.work.team-a.judge.sample', 'grm.cancel.team-a.judge', '$SRV.PING', '_INBOX_client.team-a.others.x'],
    mayNotHear: [...everything, 'grm.v1.team-a.judge.judge', '_INBOX_client.team-a.>', '_INBOX_client.team-a.others.>'],
  },
  {
    user: { role: 'operator' },
    may: ['$JS.API.STREAM.INFO.GRM-WORK-team--a-judge', 'grm.run.team-a.nano.suspend', 'grm.presence.team-a.judge'],
    mayNotPublish: ['grm.v1.team-a.judge.judge', 'grm.work.team-a.judge.sample', 'grm.rollout.team-a.nano.task', '$JS.API.CONSUMER.MSG.NEXT.GRM-WORK-team--a-judge.sampler', '$O.grm-models.M.x', '$JS.API.ACCOUNT.PURGE.x'],
    mayNotHear: everything,
  },
];

/** Subjects that the server has refused to a connection, as they come. */
function refusals(connection: NatsConnection): { readonly published: Set<string>; readonly subscribed: Set<string> } {
  const refused = { published: new Set<string>(), subscribed: new Set<string>() };
  void (async () => {
    for await (const status of connection.status()) {
      if (status.type !== 'error' || !(status.error instanceof errors.PermissionViolationError)) continue;
      refused[status.error.operation === 'publish' ? 'published' : 'subscribed'].add(status.error.subject);
    }
  })();
  return refused;
}

describe.each(cases.map((of) => [of.user.role, of] as const))('the user of a %s', (_, { user, may, mayNotPublish, mayNotHear }) => {
  it('is refused all that it has no part in', async () => {
    const connection = await nats.connect(user);
    const { published, subscribed } = refusals(connection);
    for (const subject of [...may, ...mayNotPublish]) connection.publish(subject, '{}');
    for (const subject of mayNotHear) connection.subscribe(subject, { callback: () => {} });
    await connection.flush();
    await waitUntil(() => published.size >= mayNotPublish.length && subscribed.size >= mayNotHear.length, { what: 'the refusals', withinMs: 5_000 }).catch(() => {});
    expect([...published].toSorted()).toEqual([...mayNotPublish].toSorted());
    expect([...subscribed].toSorted()).toEqual([...mayNotHear].toSorted());
  });
});

it('nothing of all that has changed what is there', async () => {
  const manager = await nats.admin.request('$JS.API.STREAM.NAMES', '{}');
  expect(manager.json<{ streams: string[] }>().streams.toSorted()).toEqual(
    ['GRM-DEAD-team--a-judge', 'GRM-ROLLOUT-DEAD-team--a-nano', 'GRM-ROLLOUT-team--a-nano', 'GRM-WORK-team--a-judge', 'KV_grm-runs', 'OBJ_grm-models', 'OBJ_grm-policy-team--a-nano', 'OBJ_other-models'].toSorted(),
  );
});
