import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { repositoryFile, temporaryFolder } from '../support/index.ts';

const manifest = `
apiVersion: grm.dev/v1alpha1
kind: GRMTrainingRun
metadata: {name: tiny}
spec:
  base: {volume: {path: ${repositoryFile('models/nano-judge')}}}
  data: [{name: pairs, builtin: nanobench}]
  stages:
    rft: {items: 48, batchSize: 16, steps: 6, general: {corpus: {builtin: nanobench}}}
    grpo: {batchSize: 16, steps: 6, filter: {samples: 2}, items: 40}
    metaRM: {items: 32, samplesPerItem: 2, batchSize: 16, steps: 6}
  checkpoint: {everySteps: 2, keep: 2}
  engine: {embedded: {threads: 2}}
`;

interface Advance {
  readonly type: string;
  readonly stage?: string;
  readonly step?: number;
  readonly notice?: { readonly reason: string };
}

const folder = await temporaryFolder();
const processes = new Set<ChildProcess>();
afterAll(async () => {
  for (const child of processes) child.kill('SIGKILL');
  await folder[Symbol.asyncDispose]();
});

/** A trainer in a process of its own; `onEvent` may kill it. */
async function train(run: string, onEvent: (event: Advance, child: ChildProcess) => void = () => undefined) {
  const environment = { ...process.env, GRM_RUN: join(folder.path, 'run.yaml'), GRM_RUN_FOLDER: join(folder.path, run) };
  const child = spawn(process.execPath, [repositoryFile('apps/trainer/dist/main.js'), '--standalone', '--json'], { env: environment, stdio: ['ignore', 'pipe', 'inherit'] });
  processes.add(child);
  const events: Advance[] = [];
  const exited = once(child, 'exit');
  for await (const line of createInterface({ input: child.stdout })) {
    const event: Advance = JSON.parse(line);
    events.push(event);
    onEvent(event, child);
  }
  const [code, signal]: unknown[] = await exited;
  processes.delete(child);
  return { code, signal, events };
}

const artifacts = async (run: string): Promise<Record<string, string>> => {
  const root = join(folder.path, run, 'artifacts');
  const files = ['policy/model.safetensors', 'metaRM/model.safetensors', 'kept-judgements/kept.jsonl'];
  return Object.fromEntries(await Promise.all(files.map(async (file) => [file, (await readFile(join(root, file))).toString('base64')] as const)));
};

describe('a run that is killed', () => {
  let whole: Record<string, string>;

  beforeAll(async () => {
    await writeFile(join(folder.path, 'run.yaml'), manifest);
    await train('whole');
    whole = await artifacts('whole');
  }, 240_000);

  it('ends, started again each time, with the very weights of a run that was left alone', async () => {
    // Killed once in every phase: while rft draws, while it learns, in grpo before and after a checkpoint, in the meta RM.
    const kills: readonly ((event: Advance) => boolean)[] = [
      ({ type, stage }) => type === 'stage-advanced' && stage === 'rft',
      ({ type, stage }) => type === 'checkpoint-saved' && stage === 'rft',
      ({ type, stage }) => type === 'stage-started' && stage === 'grpo',
      ({ type, stage, step }) => type === 'stage-advanced' && stage === 'grpo' && step === 1,
      ({ type, stage, step }) => type === 'stage-advanced' && stage === 'grpo' && step === 5,
      ({ type, stage }) => type === 'checkpoint-saved' && stage === 'metaRM',
    ];
    for (const kill of kills) {
      const { signal } = await train('killed', (event, child) => {
        if (kill(event)) child.kill('SIGKILL');
      });
      expect(signal).toBe('SIGKILL');
    }
    expect((await train('killed')).code).toBe(0);
    expect(await artifacts('killed')).toEqual(whole);
  }, 240_000);

  it('goes on from the checkpoint before the newest where that one is damaged, says so, and ends with the same weights', async () => {
    await train('damaged', ({ type, stage, step }, child) => {
      if (type === 'checkpoint-saved' && stage === 'grpo' && step === 4) child.kill('SIGKILL');
    });
    const checkpoints = join(folder.path, 'damaged', 'checkpoints');
    const names = (await readdir(checkpoints)).filter((name) => name.startsWith('grpo')).toSorted();
    expect(names.map((name) => name.slice(0, 'grpo-00000000'.length))).toEqual(['grpo-00000002', 'grpo-00000004']);
    const newest = join(checkpoints, names.at(-1) ?? '');
    const content = await readFile(newest);
    content[content.length >> 1] = (content[content.length >> 1] ?? 0) ^ 1;
    await writeFile(newest, content);
    const { code, events } = await train('damaged');
    expect(code).toBe(0);
    expect(events.filter(({ type }) => type === 'noticed').map(({ notice }) => notice?.reason)).toContain('CheckpointDamaged');
    expect(events.find(({ type, stage }) => type === 'stage-advanced' && stage === 'grpo')).toMatchObject({ step: 3 });
    expect(await artifacts('damaged')).toEqual(whole);
  }, 240_000);

  it('that is told to stop saves and ends within a bound, in whatever it is at, and goes on to the same weights', async () => {
    for (const stage of ['rft', 'grpo', 'metaRM']) {
      let asked = 0;
      const { code } = await train('stopped', (event, child) => {
        if (asked > 0 || event.stage !== stage || event.type !== 'stage-advanced') return;
        asked = performance.now();
        child.kill('SIGTERM');
      });
      expect(code).toBe(75);
      expect(performance.now() - asked).toBeLessThan(20_000);
    }
    expect((await train('stopped')).code).toBe(0);
    expect(await artifacts('stopped')).toEqual(whole);
  }, 240_000);
});
