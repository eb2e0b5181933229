import { mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { encodeSafetensors, initialTensors, parseConfig, type DecoderConfig, type TrainingState } from '@grm/language-model';
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Notice } from '../progress/run-event.ts';
import { CheckpointMismatchError } from './checkpoint-mismatch-error.ts';
import { formatCheckpointName } from './checkpoint-name.ts';
import { CheckpointReadError } from './checkpoint-read-error.ts';
import type { CheckpointStore } from './checkpoint-store.ts';
import { CheckpointWriteError } from './checkpoint-write-error.ts';
import { contentDigest } from './content-digest.ts';
import { folderCheckpointStore } from './folder-checkpoint-store.ts';
import { stageCheckpoints, type StageCheckpoint, type StageCheckpoints, type StageCheckpointsOptions } from './stage-checkpoints.ts';

let root = '';
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'grm-stage-checkpoints-'));
});
afterAll(() => rm(root, { recursive: true, force: true }));

let folder = '';
let store: CheckpointStore;
let notices: Notice[] = [];
let saved: unknown[] = [];
beforeEach(async () => {
  folder = await mkdtemp(join(root, 'case-'));
  store = folderCheckpointStore(folder);
  notices = [];
  saved = [];
});

const of = (options: Partial<StageCheckpointsOptions> = {}): StageCheckpoints =>
  stageCheckpoints({ store, stage: 'grpo', keep: 3, notice: (notice) => notices.push(notice), saved: (one) => saved.push(one), runDigest: 'run-1', ...options });

const config = (vocabulary = 280, hidden = 16, layers = 2): DecoderConfig =>
  parseConfig({
    model_type: 'llama',
    vocab_size: vocabulary,
    hidden_size: hidden,
    intermediate_size: 24,
    num_hidden_layers: layers,
    num_attention_heads: 2,
    num_key_value_heads: 1,
    head_dim: 8,
    eos_token_id: 0,
  });

/** A state of a model, with a moment for each weight. */
function stateOf(model: DecoderConfig, step: number): TrainingState {
  const weights = [...initialTensors(model, step)];
  const moments = weights.map(([name, { shape, data }]) => [`${name}#first`, { shape, data: data.map((value) => value / 2) }] as const);
  return { step, tensors: new Map([...weights, ...moments]) };
}

const checkpointAt = (step: number): StageCheckpoint => ({ step, state: stateOf(config(), step * 2), cursor: { item: step, kept: ['a'] } });

async function save(checkpoints: StageCheckpoints, ...steps: readonly number[]): Promise<void> {
  for (const step of steps) expect(await checkpoints.save(checkpointAt(step))).toBe(true);
}

const names = async (): Promise<string[]> => (await readdir(folder)).toSorted();
const steps = async (stage = 'grpo'): Promise<number[]> =>
  (await names()).filter((name) => name.startsWith(`${stage}-`)).map((name) => Number(name.slice(stage.length + 1, stage.length + 9)));
const fileOf = async (step: number): Promise<string> => {
  const name = (await names()).find((candidate) => candidate.startsWith(`grpo-${String(step).padStart(8, '0')}-`));
  if (name === undefined) throw new Error(`no checkpoint of step ${step}`);
  return join(folder, name);
};

describe('a checkpoint', () => {
  it('comes back as it was saved, bit for bit', async () => {
    // Quiet and signalling NaNs with payloads, -0, denormals, infinities.
    const bits = Uint32Array.of(0x7fc12345, 0x7f800001, 0xffa5a5a5, 0x80000000, 0x00000001, 0x807fffff, 0x7f800000, 0xff800000);
    const tensors = new Map([
      ['w', { shape: [2, 4], data: new Float32Array(bits.buffer) }],
      ['w#first', { shape: [2, 4], data: new Float32Array(bits.toReversed().buffer) }],
    ]);
    const cursor = { position: [1, 2, { deep: 'ü"\n' }], note: null };
    await of().save({ step: 7, state: { step: 9, tensors }, cursor });
    const newest = await of().newest();
    expect(newest).toMatchObject({ step: 7, cursor, state: { step: 9 } });
    const back = newest?.state.tensors;
    expect([...(back?.keys() ?? [])].toSorted()).toEqual(['w', 'w#first']);
    expect(back?.get('w')?.shape).toEqual([2, 4]);
    expect(new Uint32Array(back?.get('w')?.data.buffer ?? new ArrayBuffer())).toEqual(bits);
    expect(new Uint32Array(back?.get('w#first')?.data.buffer ?? new ArrayBuffer())).toEqual(bits.toReversed());
    expect(notices).toEqual([]);
  });

  it('is a safetensors file named by its content that says what it is of, and is reported', async () => {
    await save(of(), 5);
    const file = await fileOf(5);
    const content = await readFile(file);
    const digest = contentDigest(content);
    expect(file.endsWith(`/grpo-00000005-${digest}.safetensors`)).toBe(true);
    expect(saved).toEqual([{ stage: 'grpo', step: 5, uri: `file://${file}`, digest: `sha256:${digest}` }]);
    const header: unknown = JSON.parse(content.toString('utf8', 8, 8 + Number(content.readBigUInt64LE())));
    expect(header).toMatchObject({
      __metadata__: {
        format: 'pt', version: '1', stage: 'grpo', step: '5', optimizerStep: '10', run: 'run-1',
        cursor: '{"item":5,"kept":["a"]}', vocabularySize: '280', hiddenSize: '16', layers: '2',
      },
      'model.norm.weight#first': { dtype: 'F32', shape: [16] },
    });
  });

  it('is verified when a stage goes on from it, by its digest', async () => {
    const verified: string[] = [];
    const checkpoints = of({ verified: (digest) => verified.push(digest) });
    await save(checkpoints, 4, 5);
    expect(verified).toEqual([]);
    await checkpoints.newest();
    expect(verified).toEqual([`sha256:${contentDigest(await readFile(await fileOf(5)))}`]);
  });

  it('of a stage that has nothing to remember comes back without a cursor', async () => {
    await of().save({ ...checkpointAt(1), cursor: undefined });
    expect((await of().newest())?.cursor).toBeNull();
  });

  it('is not there before the first', async () => {
    expect(await of({ model: config() }).newest()).toBeUndefined();
    expect(notices).toEqual([]);
  });
});

describe('the newest checkpoint', () => {
  const damages: readonly (readonly [what: string, damage: (file: string) => Promise<void>])[] = [
    ['with a bit of a weight flipped', async (file) => {
      const content = await readFile(file);
      content.writeUInt8(content.readUInt8(content.length - 100) ^ 1, content.length - 100);
      await writeFile(file, content);
    }],
    ['with a bit of its header flipped', async (file) => {
      const content = await readFile(file);
      content.writeUInt8(content.readUInt8(40) ^ 1, 40);
      await writeFile(file, content);
    }],
    ['cut off', (file) => truncate(file, 5_000)],
    ['with a byte too many', async (file) => writeFile(file, Buffer.concat([await readFile(file), Buffer.alloc(1)]))],
    ['that is empty', (file) => truncate(file, 0)],
  ];

  it.each(damages)('%s is passed over for the one before it, and that is said', async (_what, damage) => {
    await save(of(), 10, 20);
    const file = await fileOf(20);
    await damage(file);
    expect(await of().newest()).toMatchObject({ step: 10, cursor: { item: 10 }, state: { step: 20 } });
    expect(notices).toEqual([
      {
        type: 'Warning',
        reason: 'CheckpointDamaged',
        message: expect.stringMatching(new RegExp(`^checkpoint ${file.slice(folder.length + 1)} is damaged: .*; ${(await fileOf(10)).slice(folder.length + 1)} of step 10 is used instead$`)),
      },
    ]);
  });

  it('is passed over with all before it when all are damaged: the stage starts from its beginning, and each is said', async () => {
    await save(of(), 10, 20);
    for (const name of await names()) await truncate(join(folder, name), 9);
    expect(await of().newest()).toBeUndefined();
    expect(notices.map(({ reason }) => reason)).toEqual(['CheckpointDamaged', 'CheckpointDamaged']);
    expect(notices[0]?.message).toMatch(/^checkpoint grpo-00000020.*the stage starts from its beginning$/);
  });

  it.each([
    ['no safetensors file', Buffer.from('all the wrong bytes')],
    ['a safetensors file that is no checkpoint', encodeSafetensors(new Map(), {})],
    ['of a format of the future', encodeSafetensors(new Map(), { version: '2', stage: 'grpo', step: '30', optimizerStep: '1', run: 'run-1', cursor: '1' })],
    ['with a cursor that is not JSON', encodeSafetensors(new Map(), { version: '1', stage: 'grpo', step: '30', optimizerStep: '1', run: 'run-1', cursor: '{' })],
    ['of another step than its name says', encodeSafetensors(new Map(), { version: '1', stage: 'grpo', step: '31', optimizerStep: '1', run: 'run-1', cursor: '1' })],
    ['of another stage than its name says', encodeSafetensors(new Map(), { version: '1', stage: 'rft', step: '30', optimizerStep: '1', run: 'run-1', cursor: '1' })],
  ])('that is %s is passed over, though its digest fits', async (_what, content) => {
    await save(of(), 10);
    await store.write(formatCheckpointName({ stage: 'grpo', step: 30, digest: contentDigest(content) }), content);
    expect((await of().newest())?.step).toBe(10);
    expect(notices).toMatchObject([{ reason: 'CheckpointDamaged', message: expect.stringMatching(/^checkpoint grpo-00000030-.* is used instead$/) }]);
  });

  it('of a run with another spec is passed over, and that is said', async () => {
    await save(of(), 10);
    await save(of({ runDigest: 'run-2' }), 20);
    expect((await of().newest())?.step).toBe(10);
    expect(notices).toMatchObject([{ type: 'Warning', reason: 'CheckpointOfAnotherRun', message: expect.stringMatching(/^checkpoint grpo-00000020-.*another spec.*grpo-00000010-.* is used instead$/) }]);
  });

  it.each([
    ['another vocabulary', config(300), /vocabulary of 280, hidden size 16, 2 layers, .* vocabulary of 300, hidden size 16, 2 layers; put back the model/],
    ['another hidden size', config(280, 32), /hidden size 16, .*hidden size 32/],
    ['fewer layers', config(280, 16, 1), /2 layers, .* 1 layer;/],
    ['wider blocks', { ...config(), intermediateSize: 48 }, /mlp.gate_proj.weight \[24, 16\].*mlp.gate_proj.weight \[48, 16\]/],
    ['biases', { ...config(), attentionBias: true }, /no model.layers.0.self_attn.q_proj.bias,.*q_proj.bias \[16\]/],
  ])('ends the stage when the model that it starts from has %s: both are named', async (_what, model, message) => {
    await save(of({ model: config() }), 10);
    const newest = of({ model }).newest();
    await expect(newest).rejects.toThrow(CheckpointMismatchError);
    await expect(newest).rejects.toThrow(message);
    expect(await steps()).toEqual([10]);
  });

  it('may have another head than the model that the stage starts from', async () => {
    const scalar: DecoderConfig = { ...config(), head: 'scalar' };
    await of().save({ ...checkpointAt(1), state: stateOf(scalar, 1) });
    expect((await of({ model: config() }).newest())?.step).toBe(1);
  });

  it('is not taken to be missing when the store cannot be read', async () => {
    const gone = new CheckpointReadError('x', 'gone', 'bring it back');
    await save(of(), 10);
    await expect(of({ store: { ...store, list: () => Promise.reject(gone) } }).newest()).rejects.toBe(gone);
    await expect(of({ store: { ...store, read: () => Promise.reject(gone) } }).newest()).rejects.toBe(gone);
  });
});

describe('saving a checkpoint', () => {
  it('keeps the newest only', async () => {
    await save(of({ keep: 2 }), 1, 2, 3, 10);
    expect(await steps()).toEqual([3, 10]);
    expect((await of().newest())?.step).toBe(10);
  });

  it('takes older ones away after the new one is safe', async () => {
    const happened: string[] = [];
    const watched: CheckpointStore = {
      ...store,
      write: async (name, content) => {
        const uri = await store.write(name, content);
        happened.push(`wrote ${name.slice(0, 13)}`);
        return uri;
      },
      remove: async (name) => {
        happened.push(`removed ${name.slice(0, 13)}`);
        await store.remove(name);
      },
    };
    await save(of({ store: watched, keep: 1, saved: ({ step }) => happened.push(`reported ${step}`) }), 1, 2);
    expect(happened).toEqual(['wrote grpo-00000001', 'reported 1', 'wrote grpo-00000002', 'reported 2', 'removed grpo-00000001']);
  });

  it('after going back to an earlier step leaves the course behind that was given up', async () => {
    await save(of(), 10, 20, 30);
    expect(await of().save({ ...checkpointAt(20), cursor: 'again' })).toBe(true);
    expect(await steps()).toEqual([10, 20]);
    expect(await of().newest()).toMatchObject({ step: 20, cursor: 'again' });
  });

  it('mends a damaged one that comes out the same', async () => {
    await save(of(), 10, 20);
    await truncate(await fileOf(20), 7);
    await save(of(), 20);
    expect((await of().newest())?.step).toBe(20);
    expect(notices).toEqual([]);
  });

  it('does not end the stage when the disk is full: it is said, and the older ones stay', async () => {
    await save(of({ keep: 1 }), 10);
    const full: CheckpointStore = { ...store, write: (name) => Promise.reject(new CheckpointWriteError(name, 'cannot be written (ENOSPC)', 'make room')) };
    expect(await of({ store: full, keep: 1 }).save(checkpointAt(20))).toBe(false);
    expect(notices).toEqual([{ type: 'Warning', reason: 'CheckpointNotWritten', message: expect.stringMatching(/^step 20 was not saved, .*ENOSPC\); make room$/) }]);
    expect(saved).toHaveLength(1);
    expect((await of().newest())?.step).toBe(10);
  });

  it('ends the stage on any other error', async () => {
    const broken: CheckpointStore = { ...store, write: () => Promise.reject(new TypeError('a mistake')) };
    await expect(of({ store: broken }).save(checkpointAt(20))).rejects.toThrow(TypeError);
  });

  it('succeeds, and says so, where older ones cannot be taken away', async () => {
    const stuck: CheckpointStore = { ...store, remove: (name) => Promise.reject(new CheckpointWriteError(name, 'cannot be removed (EIO)', 'check it')) };
    await save(of({ store: stuck, keep: 1 }), 1, 2);
    expect(notices).toMatchObject([{ type: 'Warning', reason: 'CheckpointNotRemoved' }]);
    expect((await of().newest())?.step).toBe(2);
  });
});

describe('stages that share a store', () => {
  it('do not touch each other, even where one is named like the beginning of another', async () => {
    const [grpo, longer, metaRM] = [of({ keep: 1 }), of({ stage: 'grpo-00000009', keep: 1 }), of({ stage: 'metaRM', keep: 1 })];
    await save(metaRM, 50);
    await save(longer, 40);
    await save(grpo, 1, 2);
    expect((await metaRM.newest())?.step).toBe(50);
    expect((await longer.newest())?.step).toBe(40);
    await grpo.clear();
    expect(await grpo.newest()).toBeUndefined();
    expect((await metaRM.newest())?.step).toBe(50);
    expect((await longer.newest())?.step).toBe(40);
    expect(notices).toEqual([]);
  });

  it('are not held up by what cannot be cleared: it is said', async () => {
    await save(of(), 1);
    const gone: CheckpointStore = { ...store, list: () => Promise.reject(new CheckpointReadError('x', 'gone', 'bring it back')) };
    await of({ store: gone }).clear();
    expect(notices).toMatchObject([{ reason: 'CheckpointNotRemoved' }]);
  });
});
