import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { until } from '../testing/until.ts';
import type { ProcessStatus } from './local-state.ts';
import { isRunning } from './process-identity.ts';
import { HTTP_PORT, type ProcessSpec } from './process-spec.ts';
import { SupervisedProcess } from './supervised-process.ts';

const QUICK = { firstMs: 20, longestMs: 50, recoveredAfterMs: 60_000 };
let folder = '';

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grm-supervised-'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

function supervise(name: string, script: string, spec: Partial<ProcessSpec> = {}) {
  const log = join(folder, `${name}.log`);
  const states: ProcessStatus[] = [];
  const process_ = new SupervisedProcess(
    {
      name,
      owner: 'test',
      command: [process.execPath, '-e', script],
      folder,
      environment: { PORT: HTTP_PORT, RUNS: join(folder, `${name}.runs`) },
      files: [],
      restart: { policy: 'Always' },
      graceMs: 5_000,
      ...spec,
    },
    { log, backOff: QUICK, inherited: process.env, changed: (status) => states.push(status) },
  );
  onTestFinished(() => process_.stop());
  return { process: process_, log, states, reaches: (state: string) => until(`${name} is ${state}`, () => states.find((status) => status.state === state)) };
}

/** Counts its runs in a file, so that a script can behave differently in each. */
const COUNT = `const fs = require('node:fs'); fs.appendFileSync(process.env.RUNS, 'x'); const run = fs.readFileSync(process.env.RUNS, 'utf8').length;`;
const SERVE = `const answer = {ready: 200, alive: 200}; require('node:http').createServer((q, r) => { r.statusCode = answer[q.url.slice(1)]; r.end(); }).listen(process.env.PORT, '127.0.0.1');`;
const HEALTH = { readyPath: '/ready', alivePath: '/alive', startTimeoutMs: 20_000, periodMs: 20, readyFailures: 2, aliveFailures: 3 };

describe('a supervised process', () => {
  it('is ready once its health check says so, and writes its log', async () => {
    const { reaches, log } = supervise('ready', `console.log('hello'); ${SERVE}`, { health: HEALTH });
    const status = await reaches('ready');
    expect(status.identity).toBeDefined();
    expect(status.restarts).toBe(0);
    expect(await readFile(log, 'utf8')).toContain('hello');
  });

  it('is started again, with a wait, whenever it ends', async () => {
    const { reaches, states } = supervise('again', `${COUNT} if (run < 3) process.exit(7); ${SERVE}`, { health: HEALTH });
    expect((await reaches('ready')).restarts).toBe(2);
    const waits = states.filter(({ state }) => state === 'backing-off').map(({ message }) => message);
    expect(waits).toEqual(['ended with exit code 7; starts again after 0.02 s', 'ended with exit code 7; starts again after 0.04 s']);
  });

  it('is started again when it is killed', async () => {
    const { process: supervised, reaches } = supervise('killed', SERVE, { health: HEALTH });
    const { identity } = await reaches('ready');
    process.kill(identity?.pid ?? 0, 'SIGKILL');
    expect((await reaches('backing-off')).message).toContain('was ended by SIGKILL');
    await until('it is ready again', () => (supervised.status.state === 'ready' && supervised.status.restarts === 1 ? true : undefined));
  });

  it('counts the starts in a row that have failed, and none that was ready before it ended', async () => {
    const failing = supervise('failing', `${COUNT} if (run < 3) process.exit(7); ${SERVE}`, { health: HEALTH });
    expect((await failing.reaches('ready')).failedStarts).toBe(0);
    expect(failing.states.filter(({ state }) => state === 'backing-off').map(({ failedStarts }) => failedStarts)).toEqual([1, 2]);
    const killed = supervise('killed-when-ready', SERVE, { health: HEALTH });
    process.kill((await killed.reaches('ready')).identity?.pid ?? 0, 'SIGKILL');
    expect(await killed.reaches('backing-off')).toMatchObject({ failedStarts: 0 });
  });

  it('is started again when it is no longer alive, and unready before', async () => {
    const { reaches } = supervise('unwell', `${COUNT} ${SERVE} if (run === 1) { setTimeout(() => (answer.ready = 503), 100); setTimeout(() => (answer.alive = 500), 1500); }`, { health: HEALTH });
    await reaches('unready');
    expect((await reaches('backing-off')).message).toContain('unwell: /alive answers 500');
  });

  it('is ended by SIGTERM when it heeds it, by SIGKILL after the grace when it does not', async () => {
    const polite = supervise('polite', `process.on('SIGTERM', () => { console.log('finished my work'); process.exit(0); }); ${SERVE}`, { health: HEALTH });
    const deaf = supervise('deaf', `process.on('SIGTERM', () => console.log('no')); ${SERVE}`, { health: HEALTH, graceMs: 200 });
    const identities = [(await polite.reaches('ready')).identity, (await deaf.reaches('ready')).identity];
    await Promise.all([polite.process.stop(), deaf.process.stop()]);
    for (const identity of identities) expect(identity === undefined ? true : await isRunning(identity)).toBe(false);
    expect(await readFile(polite.log, 'utf8')).toContain('finished my work');
    expect(await readFile(deaf.log, 'utf8')).toContain('no');
    expect(deaf.process.status.state).toBe('stopped');
  });

  it('does not come back after a stop while it waits for its next start', async () => {
    const { process: supervised, reaches } = supervise('waiting', 'process.exit(1)');
    await reaches('backing-off');
    await supervised.stop();
    expect(await supervised.finished).toBe('stopped');
  });

  it('succeeds with exit code 0, after as many retries as it is allowed', async () => {
    const script = `${COUNT} process.exit(run < 3 ? 1 : 0)`;
    const enough = supervise('enough', script, { restart: { policy: 'OnFailure', retries: 2 } });
    const tooFew = supervise('too-few', script, { restart: { policy: 'OnFailure', retries: 1 } });
    expect(await enough.process.finished).toBe('succeeded');
    expect(await tooFew.process.finished).toBe('failed');
    expect(tooFew.process.status.message).toBe('ended with exit code 1');
  });

  it('is suspended by exit code 75, which counts as no retry, unless it is one to run always', async () => {
    const job = supervise('suspended', 'process.exit(75)', { restart: { policy: 'OnFailure', retries: 5 } });
    expect(await job.process.finished).toBe('suspended');
    expect(job.states.map(({ state }) => state)).toEqual(['ready', 'suspended']);
    expect(job.process.status.restarts).toBe(0);
    const service = supervise('always', `${COUNT} if (run === 1) process.exit(75); ${SERVE}`, { health: HEALTH });
    expect((await service.reaches('ready')).restarts).toBe(1);
  });

  it('fails when it runs longer than its active deadline', async () => {
    const { process: supervised } = supervise('slow', 'setInterval(() => {}, 1000)', { restart: { policy: 'OnFailure', retries: 5, timeoutMs: 300 } });
    expect(await supervised.finished).toBe('failed');
    expect(supervised.status.message).toContain('active deadline');
  });

  it('says so when there is no such program', async () => {
    const { process: supervised } = supervise('absent', '', { command: ['/no/such/program'], restart: { policy: 'OnFailure', retries: 0 } });
    expect(await supervised.finished).toBe('failed');
    expect(supervised.status.message).toContain('could not be started: spawn /no/such/program ENOENT');
  });
});
