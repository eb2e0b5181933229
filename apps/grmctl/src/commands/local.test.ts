import { existsSync, readFileSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { jetstreamManager } from '@nats-io/jetstream';
import { Kvm } from '@nats-io/kv';
import { connect } from '@nats-io/transport-node';
import { describe, expect, it, onTestFinished } from 'vitest';
import { localFolder } from '../local/local-folder.ts';
import { localState, type LocalState } from '../local/local-state.ts';
import { identify, isRunning } from '../local/process-identity.ts';
import { runningSupervisor } from '../local/supervisor-lock.ts';
import { downWhenGone } from '../testing/down-when-gone.ts';
import { type FakePrograms, writeFakePrograms } from '../testing/fake-programs.ts';
import { type Ran, runGrmctl } from '../testing/run-grmctl.ts';
import { until } from '../testing/until.ts';

const example = (name: string) => readFileSync(new URL(`../../../../examples/nano/${name}.yaml`, import.meta.url), 'utf8');

/** A trainer that leaves its progress behind and ends with 75: at once, or whenever it is told to. */
const suspendsWhen = (condition: string, work = '') => `
const progressFile = process.env.GRM_RUN_FOLDER + '/progress.json';
const { existsSync } = await import('node:fs');
const begun = existsSync(progressFile);
const suspend = () => {
  const time = '2026-01-01T00:00:00Z';
  const checkpoint = { stage: 'grpo', step: 7, time, uri: 'file:///run', digest: 'sha256:0', verified: false };
  const progress = { phase: 'Suspended', stages: [{ name: 'grpo', state: 'Running', step: 7, steps: 15 }], checkpoint, updatedAt: time };
  writeFileSync(progressFile, JSON.stringify({ run: 'default/nano', progress }));
  process.exit(75);
};
process.on('SIGTERM', suspend);
console.log(begun ? 'goes on' : 'stops when told');
if (${condition}) suspend();
${work}
`;

/** A folder with manifests and stand-ins for the programs; everything that runs in it ends with the test. */
async function place(programs: FakePrograms = {}) {
  const folder = await mkdtemp(join(tmpdir(), 'grm-local-'));
  const grmctl = (...words: string[]): Promise<Ran> => runGrmctl(words, { folder });
  const watch = downWhenGone(folder);
  onTestFinished(async () => {
    await grmctl('local', 'down');
    watch[Symbol.dispose]();
    await rm(folder, { recursive: true, force: true });
  });
  const root = await writeFakePrograms(join(folder, 'programs'), programs);
  await writeFile(join(folder, 'run.yaml'), example('training-run'));
  await writeFile(join(folder, 'service.yaml'), example('inference-service'));
  const up = (...words: string[]) => grmctl('local', 'up', '--programs', root, '--nats-port', '0', '--timeout', '60s', ...words);
  const state = async (): Promise<LocalState> => localState.parse(JSON.parse(await readFile(localFolder(join(folder, '.grm')).state, 'utf8')));
  const pids = async () => (await state()).processes.flatMap(({ name, identity }) => (identity === undefined ? [] : [[name, identity.pid]]));
  return { folder, grmctl, up, state, pids, layout: localFolder(join(folder, '.grm')) };
}

describe('grmctl local', () => {
  it('trains, provisions, serves, shows and ends what two manifests say', async () => {
    const { grmctl, up, state, folder, layout } = await place();
    const ran = await up('-f', 'run.yaml', '-f', 'service.yaml');
    expect(ran).toMatchObject({ code: 0 });
    expect(ran.output).toMatch(/GRMTrainingRun +default +nano +Complete[^]*GRMInferenceService +default +nano +Ready/);
    expect(ran.output).toMatch(/nano-sampler-1 +ready/);

    const { nats, processes } = await state();
    const connection = await connect({ servers: nats.url });
    const streams = await (await jetstreamManager(connection)).streams.names().next();
    await connection.close();
    expect(streams).toContain('GRM-WORK-default-nano');

    expect((await grmctl('local', 'logs', 'nano-trainer')).output).toContain(`training from ${join(folder, 'programs', 'models', 'nano-base')}`);
    expect((await grmctl('local', 'logs', 'nano-sampler-0')).output).toContain(`model ${join(layout.runFolder({ namespace: 'default', name: 'nano' }), 'artifacts', 'policy')}`);
    expect(JSON.parse((await grmctl('local', 'status', '--json')).output)).toMatchObject({ running: true, resources: [{ phase: 'Complete' }, { phase: 'Ready' }] });

    expect(await grmctl('local', 'down')).toMatchObject({ code: 0 });
    for (const { identity } of processes) expect(identity === undefined ? false : await isRunning(identity)).toBe(false);
    expect((await grmctl('local', 'logs', 'nano-voter-0')).output).toContain('finishing');
    expect((await grmctl('local', 'status')).output).toContain('Nothing runs');
    expect((await grmctl('local', 'down')).output).toContain('Nothing ran');
  });

  it('starts the samplers that a run asks for, and ends them and their queue with it', async () => {
    const body = `
      const { existsSync } = await import('node:fs');
      while (!existsSync(process.env.GRM_RUN_FOLDER + '/go-on')) await new Promise((resolve) => setTimeout(resolve, 20));`;
    const { folder, up, state, layout } = await place({ trainer: body, service: "console.log(`run ${process.env.GRM_RUN_NAME} with ${process.env.GRM_ENGINE_THREADS} threads`);" });
    await writeFile(join(folder, 'run.yaml'), `${example('training-run')}  rollouts: {replicas: 2, threads: 1}\n`);
    const running = up('-f', 'run.yaml');
    const { processes, nats } = await until('all of them are there', async () => {
      const now = await state().catch(() => undefined);
      return now?.processes.length === 4 && now.processes.every(({ state: is }) => is === 'ready') ? now : undefined;
    });
    expect(processes.map(({ name }) => name)).toEqual(['nats', 'nano-trainer', 'nano-rollouts-0', 'nano-rollouts-1']);
    expect(await readFile(layout.log('nano-rollouts-0'), 'utf8')).toContain('run nano with 1 threads');
    const connection = await connect({ servers: nats.url });
    const streams = async () => (await (await jetstreamManager(connection)).streams.names().next()).filter((name) => name.includes('-default-nano')).toSorted();
    expect(await streams()).toEqual(['GRM-ROLLOUT-DEAD-default-nano', 'GRM-ROLLOUT-default-nano', 'OBJ_grm-policy-default-nano']);

    await writeFile(join(layout.runFolder({ namespace: 'default', name: 'nano' }), 'go-on'), '');
    expect(await running).toMatchObject({ code: 0 });
    expect((await state()).processes.map(({ name, state: is }) => `${name} ${is}`)).toEqual(['nats ready', 'nano-trainer succeeded']);
    const samplers = processes.flatMap(({ name, identity }) => (name.startsWith('nano-rollouts') && identity !== undefined ? [identity] : []));
    expect(await Promise.all(samplers.map(isRunning))).toEqual([false, false]);
    expect(await streams()).toEqual([]);
    await connection.close();
  });

  it('changes nothing when the same is applied again, and only what differs otherwise', async () => {
    const { up, pids, folder } = await place();
    await up('-f', '.');
    const before = await pids();
    expect(await up('-f', '.')).toMatchObject({ code: 0 });
    expect(await pids()).toEqual(before);

    await writeFile(join(folder, 'service.yaml'), example('inference-service').replace('samples: 8', 'samples: 4').replace('replicas: 2', 'replicas: 1'));
    expect(await up('-f', 'service.yaml')).toMatchObject({ code: 0 });
    // The sampler that is not wanted any more finishes first.
    await expect.poll(async () => ((await pids()) as [string, number][]).map(([name]) => name), { timeout: 30_000 }).toEqual(['nats', 'nano-sampler-0', 'nano-meta-rm-0', 'nano-voter-0']);
    const [was, is] = [new Map(before as [string, number][]), new Map((await pids()) as [string, number][])];
    expect(is.get('nats')).toBe(was.get('nats'));
    expect(is.get('nano-sampler-0')).toBe(was.get('nano-sampler-0'));
    expect(is.get('nano-voter-0')).not.toBe(was.get('nano-voter-0'));
  });

  it('does not train a complete run again, refuses a changed one, and trains it when asked to', async () => {
    const { grmctl, up, folder } = await place();
    await up('-f', 'run.yaml');
    await grmctl('local', 'down');
    await up('-f', 'run.yaml');
    const trainings = async () => (await grmctl('local', 'logs', 'nano-trainer')).output.split('training from').length - 1;
    expect(await trainings()).toBe(1);
    await writeFile(join(folder, 'run.yaml'), example('training-run').replace('seed: 1', 'seed: 2'));
    const refused = await up('-f', 'run.yaml');
    expect(refused.code).toBe(1);
    expect(refused.errors).toContain('from another manifest or base model');
    expect(await up('-f', 'run.yaml', '--retrain')).toMatchObject({ code: 0 });
    expect(await trainings()).toBe(2);
  });

  it('lets a suspended run be, with the service that needs it, until the run itself is applied again', async () => {
    const { grmctl, up, state, folder } = await place({ trainer: suspendsWhen('!begun') });
    const suspended = await up('-f', '.');
    expect(suspended).toMatchObject({ code: 0 });
    expect(suspended.output).toMatch(/nano +Suspended +stopped at grpo step 7; apply it again to go on\n[^]*nano +Waiting +needs GRMTrainingRun nano, which is suspended/);
    expect(suspended.output).toMatch(/nano-trainer +suspended +- +0 /);
    expect((await grmctl('local', 'status')).output).toMatch(/nano +Suspended +stopped at grpo step 7/);
    const trainings = async () => (await grmctl('local', 'logs', 'nano-trainer')).output.split('training from').length - 1;

    // Another log level replaces every process that runs; this one does not.
    expect(await up('-f', 'service.yaml', '--log-level', 'warn')).toMatchObject({ code: 0, output: expect.stringMatching(/nano +Suspended/) });
    expect(await trainings()).toBe(1);

    expect(await up('-f', 'run.yaml')).toMatchObject({ code: 0 });
    expect((await state()).resources.map(({ phase }) => phase)).toEqual(['Complete', 'Ready']);
    expect(await trainings()).toBe(2);
    await writeFile(join(folder, 'run.yaml'), `${example('training-run')}  suspend: true\n  checkpoint: {everySteps: 3}\n`);
    expect(await up('-f', 'run.yaml')).toMatchObject({ code: 0, output: expect.stringMatching(/nano +Complete +trained .*; unchanged since/) });
  });

  it('suspends a running run whose manifest says so, and goes on with it when that is taken back', async () => {
    const { grmctl, up, state, folder, layout } = await place({ trainer: suspendsWhen('false', 'if (!begun) await new Promise((resolve) => setTimeout(resolve, 600_000));') });
    const yaml = (fields = '') => writeFile(join(folder, 'run.yaml'), `${example('training-run')}${fields}`);
    const trainings = async () => (await grmctl('local', 'logs', 'nano-trainer')).output.split('training from').length - 1;
    await yaml('  suspend: true\n');
    expect(await up('-f', 'run.yaml')).toMatchObject({ code: 0, output: expect.stringMatching(/nano +Suspended +not begun; apply it again without suspend to begin/) });
    expect(existsSync(layout.log('nano-trainer'))).toBe(false);

    await yaml();
    const watching = up('-f', 'run.yaml');
    await until('it trains', async () => ((await readFile(layout.log('nano-trainer'), 'utf8').catch(() => '')).includes('stops when told') ? true : undefined));
    await yaml('  suspend: true\n');
    const suspended = await up('-f', 'run.yaml');
    expect(suspended).toMatchObject({ code: 0, output: expect.stringMatching(/nano +Suspended +stopped at grpo step 7; apply it again without suspend to go on/) });
    expect(await readFile(layout.log('supervisor'), 'utf8')).toContain('Waiting (its trainer saves a checkpoint and ends)');
    expect((await watching).code).toBe(0);
    expect((await state()).processes.map(({ name }) => name)).toEqual(['nats']);
    expect(await trainings()).toBe(1);

    await yaml('  suspend: false\n  checkpoint: {everySteps: 3}\n');
    expect(await up('-f', 'run.yaml')).toMatchObject({ code: 0 });
    // It found what the first one had left.
    expect(await readFile(layout.log('nano-trainer'), 'utf8')).toContain('goes on');
    expect(await trainings()).toBe(2);
  });

  it('fails with the last lines of the log of a run that fails', async () => {
    const { up, folder } = await place({ trainer: `console.error('the corpus is empty'); process.exit(3);` });
    await writeFile(join(folder, 'run.yaml'), `${example('training-run')}  backoffLimit: 0\n`);
    const ran = await up('-f', '.');
    expect(ran.code).toBe(1);
    expect(ran.errors).toContain('GRMTrainingRun nano failed: ended with exit code 3');
    expect(ran.errors).toContain('  the corpus is empty');
    expect(ran.errors).toContain('grmctl local logs nano-trainer');
  });

  it('fails with the last lines of the log of a service that keeps failing', async () => {
    const { up } = await place({ service: `console.error('no such tokenizer'); process.exit(1);` });
    const ran = await up('-f', '.');
    expect(ran.code).toBe(1);
    expect(ran.errors).toMatch(/nano-[a-z-]+-\d keeps failing: ended with exit code 1/);
    expect(ran.errors).toContain('  no such tokenizer');
  });

  it('shows the progress that the trainer reports, and gives up when its time is over', async () => {
    const { up, grmctl, state } = await place({ trainer: 'await new Promise((resolve) => setTimeout(resolve, 600_000));' });
    const waiting = up('-f', 'run.yaml', '--timeout', '4s');
    const { nats } = await until('it trains', async () => {
      const now = await state().catch(() => undefined);
      return now?.resources[0]?.phase === 'Training' && now.processes.every(({ state: is }) => is === 'ready') ? now : undefined;
    });
    const connection = await connect({ servers: nats.url });
    const stage = { name: 'metaRM', state: 'Running', step: 40, steps: 120, metrics: { loss: 0.3125 } };
    const progress = { phase: 'Running', stages: [stage], updatedAt: '2026-01-01T00:00:00Z' };
    await (await new Kvm(connection).create('grm-runs')).put('default.nano', JSON.stringify(progress));
    await connection.close();
    expect((await grmctl('local', 'status')).output).toMatch(/nano +Training +metaRM 40\/120, loss 0\.31/);
    const { code, errors } = await waiting;
    expect(errors).toContain('metaRM 40/120');
    expect(errors).toContain('not ready after 4 s');
    expect(code).toBe(5);
  });

  it('brings a killed process back', async () => {
    const { up, state } = await place();
    await up('-f', '.');
    const sampler = async () => (await state()).processes.find(({ name }) => name === 'nano-sampler-0');
    process.kill((await sampler())?.identity?.pid ?? 0, 'SIGKILL');
    const back = await until('the sampler is back', async () => {
      const status = await sampler();
      return status?.restarts === 1 && status.state === 'ready' ? status : undefined;
    });
    expect(back.identity).toBeDefined();
  });

  it('cleans up after a supervisor that was killed', async () => {
    const { up, state, layout, grmctl } = await place();
    await up('-f', '.');
    const killSupervisor = async () => {
      const { processes } = await state();
      process.kill((await runningSupervisor(layout))?.pid ?? 0, 'SIGKILL');
      await until('it is gone', async () => ((await runningSupervisor(layout)) === undefined ? true : undefined));
      return processes.flatMap(({ identity }) => identity ?? []);
    };
    const left = await killSupervisor();
    expect(await Promise.all(left.map(isRunning))).toContain(true);
    expect((await grmctl('local', 'status')).output).toContain('ended unexpectedly');
    expect(await up('-f', '.')).toMatchObject({ code: 0 });
    expect(await Promise.all(left.map(isRunning))).not.toContain(true);

    const again = await killSupervisor();
    expect(await grmctl('local', 'down')).toMatchObject({ code: 0 });
    expect(await Promise.all(again.map(isRunning))).not.toContain(true);
  });

  it('ends only its own: a process that took over a recorded id is left alone', async () => {
    const { grmctl, layout, up, state } = await place();
    await up('-f', 'run.yaml');
    const before = await state();
    await grmctl('local', 'down');
    const innocent = { pid: process.pid, started: 'before this process was there' };
    const [first] = before.processes;
    await writeFile(layout.lock, JSON.stringify(innocent));
    await writeFile(layout.state, JSON.stringify({ ...before, processes: [{ ...first, identity: innocent }] }));
    expect(await up('-f', 'run.yaml')).toMatchObject({ code: 0 });
    expect(await identify(process.pid)).toBeDefined();
  });

  it('stays in front when asked to, and ends everything when interrupted', async () => {
    const { folder, state, layout } = await place();
    const interrupt = new AbortController();
    const words = ['local', 'up', '-f', '.', '--foreground', '--programs', join(folder, 'programs'), '--nats-port', '0'];
    const running = runGrmctl(words, { folder, signal: interrupt.signal });
    await until('it is ready', async () => ((await state().catch(() => undefined))?.resources.every(({ phase }) => phase === 'Ready' || phase === 'Complete') ? true : undefined));
    const { processes } = await state();
    interrupt.abort();
    expect((await running).code).toBe(0);
    for (const { identity } of processes) expect(identity === undefined ? false : await isRunning(identity)).toBe(false);
    expect(await runningSupervisor(layout)).toBeUndefined();
  });

  it('says what is wrong before it starts anything', async () => {
    const { folder, grmctl, up, layout } = await place();
    await writeFile(join(folder, 'bad.yaml'), `${example('training-run')}  queueName: x\n`);
    await writeFile(join(folder, 'missing.yaml'), example('training-run').replace('nano-base}', 'other}'));
    const refusals = [
      await up('-f', 'bad.yaml'),
      await up('-f', 'missing.yaml'),
      await up('-f', 'nowhere.yaml'),
      await up(),
      await grmctl('local', 'logs', 'nobody'),
    ];
    expect(refusals.map(({ code }) => code)).toEqual([2, 2, 2, 2, 2]);
    expect(refusals.map(({ errors }) => errors).join('')).toMatch(
      /bad\.yaml:\d+:3: GRMTrainingRun\/nano spec\.queueName: needs the operator[^]*there is no builtin model other; there are nano-base[^]*nowhere\.yaml does not exist[^]*required option[^]*there is no log of nobody/,
    );
    expect(await runningSupervisor(layout)).toBeUndefined();
  });
});
