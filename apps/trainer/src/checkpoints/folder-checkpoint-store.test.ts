import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { setImmediate } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { seededRandom } from '@grm/preferences';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { formatCheckpointName } from './checkpoint-name.ts';
import { CheckpointReadError } from './checkpoint-read-error.ts';
import { CheckpointWriteError } from './checkpoint-write-error.ts';
import { contentDigest } from './content-digest.ts';
import { folderCheckpointStore } from './folder-checkpoint-store.ts';
import { stageCheckpoints } from './stage-checkpoints.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'grm-checkpoints-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

const freshFolder = (): Promise<string> => mkdtemp(join(root, 'case-'));
const nameOf = (content: Uint8Array, step = 1): string => formatCheckpointName({ stage: 'grpo', step, digest: contentDigest(content) });
const leftoverName = '.checkpoint-00000000-0000-4000-8000-000000000000-3.partial';

describe('checkpoints in a folder', () => {
  const content = Uint8Array.of(1, 2, 3);
  const name = nameOf(content);

  it('are there as they were written, under the URI that is told', async () => {
    const store = folderCheckpointStore(join(await freshFolder(), 'made', 'when needed'));
    expect(await store.list()).toEqual([]);
    expect(await store.read(name)).toBeUndefined();
    const uri = await store.write(name, content);
    expect(uri).toMatch(/^file:\/\/\/.*made\/when%20needed\/grpo-00000001-/);
    expect(new Uint8Array(await readFile(fileURLToPath(uri)))).toEqual(content);
    expect(await store.list()).toEqual([name]);
    expect(await store.read(name)).toEqual(content);
    await store.remove(name);
    await store.remove(name);
    expect(await store.list()).toEqual([]);
  });

  it('do not take what else lies in the folder for theirs', async () => {
    const folder = await freshFolder();
    const store = folderCheckpointStore(folder);
    await writeFile(join(folder, 'model.safetensors'), '');
    await writeFile(join(folder, '.checkpoint-mine.partial'), '');
    await store.write(name, content);
    await store.remove('model.safetensors');
    expect(await store.list()).toEqual([name]);
    expect((await readdir(folder)).toSorted()).toEqual(['.checkpoint-mine.partial', name, 'model.safetensors']);
    await expect(store.write('../outside', content)).rejects.toThrow(RangeError);
  });

  it.each(['list', 'write'] as const)('are rid of what killed writers left with the next %s', async (next) => {
    const folder = await freshFolder();
    const store = folderCheckpointStore(folder);
    await writeFile(join(folder, leftoverName), 'half');
    await (next === 'list' ? store.list() : store.write(name, content));
    expect(await readdir(folder)).not.toContain(leftoverName);
  });

  it('can be written at the same time, and listed, by one process', async () => {
    const store = folderCheckpointStore(await freshFolder());
    const contents = Array.from({ length: 20 }, (_, step) => new Uint8Array(2_000_000).fill(step));
    let writing = true;
    const listing = (async () => {
      while (writing) await store.list();
    })();
    await Promise.all(contents.map((each, step) => store.write(nameOf(each, step), each))).finally(() => (writing = false));
    await listing;
    expect((await store.list()).toSorted()).toEqual(contents.map((each, step) => nameOf(each, step)).toSorted());
  });

  it('that cannot be written say where and what to do', async () => {
    const folder = await freshFolder();
    await writeFile(join(folder, 'file'), '');
    const written = folderCheckpointStore(join(folder, 'file')).write(name, content);
    await expect(written).rejects.toThrow(CheckpointWriteError);
    await expect(written).rejects.toThrow(/file\/grpo-00000001-.*cannot be written \(E(EXIST|NOTDIR)\); check the folder/);
    await expect(folderCheckpointStore(join(folder, 'file')).list()).rejects.toThrow(CheckpointReadError);
  });

  it('survive a rename that fails: the name holds what it held', async () => {
    const folder = await freshFolder();
    await mkdir(join(folder, name));
    await writeFile(join(folder, name, 'x'), '');
    await expect(folderCheckpointStore(folder).write(name, content)).rejects.toThrow(CheckpointWriteError);
    expect(await readdir(folder)).toEqual([name]);
  });
});

/** A mount of 1 MiB, where this process may make one. */
function smallDisk(folder: string): boolean {
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=1m', 'tmpfs', folder], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

describe('a full disk', () => {
  it('is a CheckpointWriteError that says what to do, leaves the older checkpoint whole and nothing else', async ({ skip }) => {
    const folder = await freshFolder();
    skip(!smallDisk(folder), 'needs to mount a tmpfs');
    try {
      const store = folderCheckpointStore(folder);
      const [small, big] = [new Uint8Array(600_000).fill(1), new Uint8Array(900_000).fill(2)];
      await store.write(nameOf(small), small);
      const written = store.write(nameOf(big), big);
      await expect(written).rejects.toThrow(CheckpointWriteError);
      await expect(written).rejects.toThrow(/cannot be written \(ENOSPC\); the disk is full: make room, keep fewer checkpoints/);
      expect(await readdir(folder)).toEqual([nameOf(small)]);
      expect(await store.read(nameOf(small))).toEqual(small);
      await store.remove(nameOf(small));
      await store.write(nameOf(big), big);
      expect(await store.read(nameOf(big))).toEqual(big);
    } finally {
      execFileSync('umount', [folder]);
    }
  });
});

describe('a writer that is killed', () => {
  it('leaves whole checkpoints only, whenever it happens', async () => {
    const folder = await freshFolder();
    const random = seededRandom(7);
    const fixture = fileURLToPath(new URL('save-checkpoints.fixture.ts', import.meta.url));
    let step = 0;
    let halfWritten = 0;
    const isPartial = (name: string): boolean => name.endsWith('.partial');
    const partialSeen = async (): Promise<void> => {
      while (!(await readdir(folder)).some(isPartial)) await setImmediate();
    };
    for (let round = 0; round < 15 || (halfWritten === 0 && round < 60); round++) {
      const child = spawn(process.execPath, [fixture, folder, String(step + 1)], { stdio: ['ignore', 'pipe', 'inherit'] });
      const exited = once(child, 'exit');
      // Some time within the third save: writing, syncing, renaming or pruning; every second time as soon as it is seen to write.
      const lines = createInterface({ input: child.stdout });
      lines.on('line', (line) => {
        if (Number(line) !== step + 2) return;
        if (round % 2 === 0) setTimeout(() => child.kill('SIGKILL'), random.integer(0, 40));
        else void partialSeen().then(() => child.kill('SIGKILL'));
      });
      expect((await exited)[1]).toBe('SIGKILL');
      halfWritten += (await readdir(folder)).filter(isPartial).length;

      const notices: string[] = [];
      const store = folderCheckpointStore(folder);
      const newest = await stageCheckpoints({
        store, stage: 'pretrain', keep: 2, runDigest: 'run', notice: ({ message }) => notices.push(message), saved: () => undefined,
      }).newest();
      expect(notices).toEqual([]);
      expect(newest?.step).toBeGreaterThanOrEqual(step + 2);
      step = newest?.step ?? 0;
      expect(new Set(newest?.state.tensors.get('w')?.data)).toEqual(new Set([step]));
      for (const name of await store.list()) expect(name).toContain(contentDigest((await store.read(name)) ?? new Uint8Array()));
      expect((await readdir(folder)).filter(isPartial)).toEqual([]);
    }
    // Otherwise nothing was shown.
    expect(halfWritten).toBeGreaterThan(0);
  });
});
