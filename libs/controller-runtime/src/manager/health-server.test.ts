import { Counter, Registry } from 'prom-client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { request } from 'undici';
import { HealthServer } from './health-server.ts';

let fault: string | undefined;
let throws = false;
let server: HealthServer;
let registry: Registry;

beforeEach(async () => {
  [fault, throws] = [undefined, false];
  registry = new Registry();
  const scrapes = new Counter({ name: 'scrapes_total', help: 'Reads of the metrics', registers: [registry] });
  const check = () => {
    if (throws) throw new Error('the check itself broke');
    return fault;
  };
  server = await HealthServer.listen({ host: '127.0.0.1', port: 0, registry, live: { 'event-loop': () => undefined }, ready: { caches: () => undefined, queue: check }, collect: () => void (throws ? check() : scrapes.inc()) });
});
afterEach(() => server[Symbol.asyncDispose]());

async function get(path: string): Promise<readonly [number, string]> {
  const { statusCode, body } = await request(`http://127.0.0.1:${server.port}${path}`);
  return [statusCode, await body.text()];
}

test('readiness and liveness name each check, and one that fails with its reason', async () => {
  expect(await get('/readyz')).toEqual([200, '[+] caches ok\n[+] queue ok\n']);
  fault = 'the broker is away';
  expect(await get('/readyz?verbose')).toEqual([503, '[+] caches ok\n[-] queue failed: the broker is away\n']);
  expect(await get('/livez')).toEqual([200, '[+] event-loop ok\n']);
  expect(await get('/healthz')).toEqual([200, '[+] event-loop ok\n']);
});

test('a check that throws has failed, and takes nothing else along', async () => {
  throws = true;
  expect(await get('/readyz')).toEqual([503, '[+] caches ok\n[-] queue failed: the check itself broke\n']);
  expect(await get('/metrics')).toEqual([500, 'the check itself broke\n']);
  throws = false;
  expect((await get('/readyz'))[0]).toBe(200);
});

test('metrics are collected when they are read', async () => {
  const { headers, body } = await request(`http://127.0.0.1:${server.port}/metrics`);
  expect(headers['content-type']).toContain('text/plain');
  expect(await body.text()).toContain('scrapes_total 1');
});

test('another path says what there is', async () => {
  expect(await get('/')).toEqual([404, 'there are /livez, /readyz and /metrics\n']);
});

test('a port that is taken is an error at the start', async () => {
  await expect(HealthServer.listen({ host: '127.0.0.1', port: server.port, registry, live: {}, ready: {} })).rejects.toThrow(/EADDRINUSE/);
});
