import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connect } from 'node:tls';
import { pino } from 'pino';
import { Registry } from 'prom-client';
import { Agent, request } from 'undici';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isForbidden, isInvalid } from '../api/api-error.ts';
import { lease, realGround } from '../api/api-grounds.fixture.ts';
import type { KubernetesObject } from '../api/kubernetes-object.ts';
import { resourceType } from '../api/resource-type.ts';
import { leases } from '../leader/lease.ts';
import { RuntimeMetrics } from '../metrics/runtime-metrics.ts';
import { type CertificateAuthority, certificateAuthority } from '../testing/certificate-authority.ts';
import { waitUntil } from '../testing/wait-until.ts';
import type { AdmissionHandler } from './admission.ts';
import { WebhookServer } from './webhook-server.ts';

let folder: string;
let authority: CertificateAuthority;
let agent: Agent;
let server: WebhookServer;
let registry: Registry;
let stop: AbortController;
let running: Promise<void>;
let arrived: PromiseWithResolvers<void>;

const handlers: Record<`/${string}`, AdmissionHandler> = {
  '/validate': ({ object, operation }) => (nameIn(object).startsWith('bad') ? { allowed: false, message: `${operation} of ${nameIn(object)}: names must not start with bad` } : { allowed: true, warnings: ['looked at'] }),
  '/forbid': () => ({ allowed: false, code: 403, message: 'not here' }),
  '/break': () => {
    throw new Error('a bug of its own');
  },
  '/hang': () => {
    arrived.resolve();
    return new Promise(() => undefined);
  },
};

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'webhook-'));
  authority = certificateAuthority('webhooks');
  await issue('first.example');
  agent = new Agent({ connect: { ca: authority.certificate } });
  registry = new Registry();
  arrived = Promise.withResolvers();
  server = new WebhookServer({ host: '127.0.0.1', port: 0, certificates: folder, handlers, log: pino({ level: 'silent' }), metrics: new RuntimeMetrics(registry), bodyLimit: 20_000, timeoutMs: 500, reloadMs: 20 });
  stop = new AbortController();
  running = server.run(stop.signal);
  await waitUntil(() => server.check() === undefined, { what: 'the webhook to listen' });
});
afterEach(async () => {
  stop.abort();
  await agent.destroy();
  await running;
  await rm(folder, { recursive: true, force: true });
});

async function issue(commonName: string): Promise<void> {
  const { key, certificate } = authority.issue({ commonName, hosts: ['localhost', '127.0.0.1'], usage: 'server' });
  await writeFile(join(folder, 'tls.crt'), certificate);
  await writeFile(join(folder, 'tls.key'), key);
}

const nameIn = (object: unknown): string => (object as KubernetesObject).metadata.name;
const review = (name: string, filling = '') => JSON.stringify({ apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', request: { uid: 'u-1', operation: 'CREATE', object: { metadata: { name }, filling } } });

async function post(path: string, body: string): Promise<{ readonly status: number; readonly answer: unknown }> {
  const { statusCode, body: answer } = await request(`https://127.0.0.1:${server.port}${path}`, { method: 'POST', body, dispatcher: agent });
  return { status: statusCode, answer: await answer.json() };
}

test('a review is answered by the handler of its path, whatever the query', async () => {
  expect(await post('/validate?timeout=10s', review('good'))).toEqual({ status: 200, answer: { apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview', response: { uid: 'u-1', allowed: true, warnings: ['looked at'] } } });
  expect(await post('/validate', review('bad-one'))).toMatchObject({ status: 200, answer: { response: { uid: 'u-1', allowed: false, status: { code: 422, message: 'CREATE of bad-one: names must not start with bad' } } } });
  expect(await registry.metrics()).toContain('controller_runtime_webhook_requests_total{webhook="/validate",code="200"} 2');
});

test('another path is not found, and nor is a method that is none of a review', async () => {
  expect(await post('/validat', review('good'))).toEqual({ status: 404, answer: { message: 'no webhook at /validat' } });
  expect(await post('/constructor', review('good'))).toMatchObject({ status: 404 });
  const { statusCode, body } = await request(`https://127.0.0.1:${server.port}/validate`, { dispatcher: agent });
  await body.dump();
  expect(statusCode).toBe(404);
});

test('a review that is too large is told so', async () => {
  for (const size of [30_000, 3_000_000]) expect(await post('/validate', review('good', 'x'.repeat(size)))).toEqual({ status: 413, answer: { message: 'the review is too large' } });
  expect((await post('/validate', review('good'))).status).toBe(200);
});

test("what is no review is the asker's fault, and what the handler throws or leaves is its own", async () => {
  expect(await post('/validate', '{"kind":"Pod"}')).toEqual({ status: 400, answer: { message: 'expected an AdmissionReview of admission.k8s.io/v1' } });
  expect((await post('/validate', 'no JSON')).status).toBe(400);
  expect(await post('/break', review('good'))).toEqual({ status: 500, answer: { message: 'a bug of its own' } });
  expect(await post('/hang', review('good'))).toEqual({ status: 500, answer: { message: 'the handler did not answer in time' } });
});

test('a certificate that is renewed is used by the next connection, and half a renewal changes nothing', async () => {
  expect(await certificateName()).toBe('first.example');
  const second = authority.issue({ commonName: 'second.example', hosts: ['127.0.0.1'], usage: 'server' });
  await writeFile(join(folder, 'tls.crt'), second.certificate);
  expect((await post('/validate', review('good'))).status).toBe(200);
  expect(await certificateName()).toBe('first.example');
  await writeFile(join(folder, 'tls.key'), second.key);
  await waitUntil(async () => (await certificateName()) === 'second.example', { what: 'the new certificate' });
  expect((await post('/validate', review('good'))).status).toBe(200);
});

test('a review that is under way when the server stops is answered, and the server then ends', async () => {
  const answer = post('/hang', review('good'));
  await arrived.promise;
  stop.abort();
  expect((await answer).status).toBe(500);
  await running;
  expect(server.check()).toBe('the webhook does not listen yet');
});

test('the real API server asks it, and tells its refusal and its warnings', async () => {
  await using ground = await realGround();
  const { client, namespace } = ground;
  const configurations = resourceType<KubernetesObject & { readonly webhooks: readonly unknown[] }>({ apiVersion: 'admissionregistration.k8s.io/v1', kind: 'ValidatingWebhookConfiguration', plural: 'validatingwebhookconfigurations', namespaced: false });
  const webhook = (path: string, operations: readonly string[]) => ({
    name: `${path}.example.org`,
    clientConfig: { url: `https://127.0.0.1:${server.port}/${path}`, caBundle: Buffer.from(authority.certificate).toString('base64') },
    rules: [{ apiGroups: ['coordination.k8s.io'], apiVersions: ['v1'], resources: ['leases'], operations }],
    namespaceSelector: { matchLabels: { 'kubernetes.io/metadata.name': namespace } },
    sideEffects: 'None',
    admissionReviewVersions: ['v1'],
  });
  const name = `webhook-${namespace}`;
  await client.create(configurations, { apiVersion: configurations.apiVersion, kind: configurations.kind, metadata: { name }, webhooks: [webhook('validate', ['CREATE']), webhook('forbid', ['DELETE'])] });
  try {
    let index = 0;
    await waitUntil(() => client.create(leases, lease(namespace, `bad-${index++}`)).then(() => false, isInvalid), { what: 'the webhook to count' });
    await expect(client.create(leases, lease(namespace, 'bad-again'))).rejects.toThrow(/create Lease .*denied the request: CREATE of bad-again: names must not start with bad/);
    expect((await client.create(leases, lease(namespace, 'good'))).metadata.uid).toBeDefined();
    await expect(client.delete(leases, { namespace, name: 'good' })).rejects.toSatisfy(isForbidden);
  } finally {
    await client.delete(configurations, { namespace: '', name });
  }
});

function certificateName(): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ host: '127.0.0.1', port: server.port ?? 0, ca: authority.certificate }, () => {
      const { CN } = socket.getPeerCertificate().subject;
      resolve(typeof CN === 'string' ? CN : '');
      socket.destroy();
    });
    socket.on('error', reject);
  });
}
