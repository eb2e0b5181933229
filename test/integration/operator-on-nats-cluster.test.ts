import { type PlaneAccess, sharedControlPlane, waitUntil } from '@grm/controller-runtime/testing';
import { Operator, parseOperatorConfiguration } from '@grm/operator';
import { subjects } from '@grm/protocol';
import { jetstreamManager } from '@nats-io/jetstream';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { grmTypes, installCrds, type NatsCluster, startNatsCluster } from '../support/index.ts';

const stack = new AsyncDisposableStack();
let plane: PlaneAccess;
let cluster: NatsCluster;
let namespace = '';
beforeAll(async () => {
  plane = stack.use(await sharedControlPlane());
  await installCrds(plane);
  namespace = await plane.createNamespace('nats-cluster');
  stack.defer(async () => void (await plane.kubectl(['delete', 'namespace', namespace, '--wait=false'])));
  cluster = stack.use(await startNatsCluster());
  const configuration = parseOperatorConfiguration({
    ...cluster.operatorEnvironment,
    KUBECONFIG: plane.kubeconfigPath,
    GRM_OPERATOR_NAMESPACE: namespace,
    GRM_WATCH_NAMESPACES: namespace,
    GRM_SERVICES_IMAGE: 'grm:test',
    GRM_NATS_REPLICAS: '3',
    GRM_LEASE_SECONDS: '3',
  });
  const operator = stack.use(new Operator(configuration, pino({ level: 'silent' })));
  const stop = new AbortController();
  const ended = operator.run(stop.signal);
  stack.defer(async () => {
    stop.abort();
    await ended;
  });
});
afterAll(() => stack.disposeAsync());

const Conditions = z.looseObject({ status: z.looseObject({ conditions: z.array(z.looseObject({ type: z.string(), status: z.string() })) }) });
const Secret = z.looseObject({ data: z.record(z.string(), z.string()) });

const createService = (name: string) =>
  plane.client.create(grmTypes.GRMInferenceService, { apiVersion: 'grm.dev/v1alpha1', kind: 'GRMInferenceService', metadata: { namespace, name }, spec: { model: { builtin: 'nano-judge' } } });

/** Waits until a service says that its queue is there. */
const queueIsThere = (name: string): Promise<boolean> =>
  waitUntil(
    async () => Conditions.parse(await plane.client.get(grmTypes.GRMInferenceService, { namespace, name })).status.conditions.some(({ type, status }) => type === 'QueueReady' && status === 'True'),
    { what: `the queue of ${name}`, withinMs: 90_000 },
  );

const workStream = async (service: string) => (await jetstreamManager(cluster.admin)).streams.info(subjects({ namespace, service }).work.stream);

it('the operator makes a queue of three copies, and gives services a user with the authority of the servers', async () => {
  await createService('judge');
  await queueIsThere('judge');
  expect((await workStream('judge')).config.num_replicas).toBe(3);
  const secret = Secret.parse(JSON.parse(await plane.kubectl(['get', 'secret', 'grm-judge-sampler-nats', '--namespace', namespace, '--output', 'json'])));
  expect(Buffer.from(secret.data['ca.crt'] ?? '', 'base64').toString()).toContain('BEGIN CERTIFICATE');
});

it('while a server is dead the operator goes on, and a new queue is made too, of which the third copy comes with the server', async () => {
  const leader = (await workStream('judge')).cluster?.leader ?? '';
  const server = cluster.servers.get(leader);
  await server?.stop('SIGKILL');
  await waitUntil(async () => (await workStream('judge')).cluster?.leader !== leader, { what: 'another leader of the queue', withinMs: 60_000 });
  await createService('late');
  await queueIsThere('late');
  await queueIsThere('judge');
  await server?.start();
  const copies = async () => (await workStream('late')).cluster?.replicas?.filter(({ current, offline }) => current && offline !== true).length === 2;
  expect(await waitUntil(copies, { what: 'three copies that agree', withinMs: 60_000 })).toBe(true);
});
