import { readFileSync } from 'node:fs';
import { cp, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadCheckpoint } from '@grm/language-model';
import { startNatsServer } from '@grm/service-kit/testing';
import { nkeys } from '@nats-io/transport-node';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { runGrmctl } from '../testing/run-grmctl.ts';
import { saveTinyModel } from '../testing/tiny-model.ts';

let folder = '';
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'grm-model-'));
  await saveTinyModel(join(folder, 'tiny'));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

const model = (...words: string[]) => runGrmctl(['model', ...words], { folder });
const revisionOf = async (path: string): Promise<string> => JSON.parse((await model('inspect', path, '--json')).output).revision;

describe('grmctl model inspect', () => {
  it('shows configuration, parameters, digest, tokenizer and tensors', async () => {
    const { code, output } = await model('inspect', 'tiny', '--tensors');
    expect(code).toBe(0);
    expect(output).toMatch(/revision +sha256:[0-9a-f]{64}/);
    expect(output).toMatch(/architecture +llama, language head, untied head/);
    expect(output).toMatch(/tokenizer +\d+ pieces, 1 special: <eos>/);
    expect(output).toMatch(/model\.embed_tokens\.weight +\[320, 16\] +5,120/);
  });

  it('counts the parameters that are on disk', async () => {
    const { parameters, bytes, tensors } = JSON.parse((await model('inspect', 'tiny', '--json')).output);
    const { tensors: loaded } = await loadCheckpoint(join(folder, 'tiny'));
    expect(parameters).toBe([...loaded.values()].reduce((sum, { data }) => sum + data.length, 0));
    expect(tensors).toHaveLength(loaded.size);
    expect(bytes).toBeGreaterThan(4 * parameters);
  });

  it.each([
    ['nowhere', 'nowhere'],
    ['a folder without a model', '.'],
    ['a file that is no model', 'note.txt'],
  ])('refuses %s', async (_, path) => {
    await writeFile(join(folder, 'note.txt'), 'hello');
    const { code, errors } = await model('inspect', path);
    expect(code).toBe(2);
    expect(errors).toContain('error:');
  });
});

describe('grmctl model convert', () => {
  it('writes the same model in another type, chat template included', async () => {
    expect(await model('convert', 'tiny', 'half', '--dtype', 'bf16')).toMatchObject({ code: 0 });
    const [whole, half] = [await loadCheckpoint(join(folder, 'tiny')), await loadCheckpoint(join(folder, 'half'))];
    expect(half.config).toEqual(whole.config);
    const [one, other] = [whole, half].map(({ tensors }) => tensors.get('lm_head.weight')?.data ?? new Float32Array());
    expect(Math.max(...(one ?? []).map((value, index) => Math.abs(value - (other?.[index] ?? 0))))).toBeLessThan(2 ** -8);
    expect(readFileSync(join(folder, 'half', 'tokenizer_config.json'), 'utf8')).toContain('messages[0].content');
  });

  it('overwrites nothing unless told, and leaves nothing half done', async () => {
    await model('convert', 'tiny', 'kept');
    const before = await revisionOf('kept');
    const refused = await model('convert', 'tiny', 'kept', '--dtype', 'fp32');
    expect(refused.code).toBe(2);
    expect(refused.errors).toContain('holds files already');
    expect(await revisionOf('kept')).toBe(before);
    expect(await model('convert', 'tiny', 'kept', '--dtype', 'fp32', '--force')).toMatchObject({ code: 0 });
    await cp(join(folder, 'tiny'), join(folder, 'broken'), { recursive: true });
    await writeFile(join(folder, 'broken', 'model.safetensors'), 'not weights');
    expect((await model('convert', 'broken', 'never')).code).toBe(2);
    expect((await readdir(folder)).filter((name) => name.startsWith('never'))).toEqual([]);
  });
});

describe('grmctl model pull', () => {
  it('copies a folder and keeps its revision', async () => {
    expect(await model('pull', 'tiny', 'pulled')).toMatchObject({ code: 0 });
    expect(await revisionOf('pulled')).toBe(await revisionOf('tiny'));
  });

  it('refuses a model of another revision and writes nothing', async () => {
    const { code, errors } = await model('pull', 'tiny', 'other', '--revision', 'sha256:0');
    expect(code).toBe(1);
    expect(errors).toContain('not sha256:0');
    expect(await readdir(folder)).not.toContain('other');
  });

  it('fetches from an object store what push put there, and says what is there when the name is wrong', async () => {
    await using nats = await startNatsServer();
    const server = ['--server', nats.url];
    const pushed = await model('push', 'tiny', 'nats://grm-models/judges/tiny', ...server);
    expect(pushed).toMatchObject({ code: 0, output: expect.stringContaining('tiny is at nats://grm-models/judges/tiny, revision sha256:') });
    expect(await model('push', 'tiny', 'nats:tiny', ...server)).toMatchObject({ code: 0 });
    expect(await model('pull', 'nats://grm-models/judges/tiny', 'fetched', ...server)).toMatchObject({ code: 0 });
    expect(await model('pull', 'nats:tiny', 'fetched-too', ...server)).toMatchObject({ code: 0 });
    expect(await readdir(join(folder, 'fetched'))).toEqual(await readdir(join(folder, 'tiny')));
    for (const path of ['fetched', 'fetched-too']) expect(await revisionOf(path)).toBe(await revisionOf('tiny'));
    const unknown = await model('pull', 'nats:huge', 'absent', ...server);
    expect(unknown.code).toBe(1);
    expect(unknown.errors).toContain('model nats://grm-models/huge: is not in object store grm-models; it holds judges/tiny, tiny');
    expect((await model('pull', 'nats:tiny', 'absent', '--server', 'nats://127.0.0.1:1')).code).toBe(3);
    expect(await readdir(folder)).not.toContain('absent');
  });

  it('refuses what is no model, no address, or another revision than it says, and puts nothing there', async () => {
    await using nats = await startNatsServer();
    const push = (...words: string[]) => model('push', ...words, '--server', nats.url);
    expect(await push('nowhere', 'nats:tiny')).toMatchObject({ code: 2 });
    expect(await push('tiny', '/models/tiny')).toMatchObject({ code: 2, errors: expect.stringContaining('give nats://BUCKET/KEY') });
    expect(await push('tiny', 'nats://grm-models')).toMatchObject({ code: 2, errors: expect.stringContaining("is no model's address") });
    expect(await push('tiny', `nats://grm-models/tiny#sha256:${'0'.repeat(64)}`)).toMatchObject({ code: 1 });
    expect((await model('pull', 'nats:tiny', 'absent', '--server', nats.url)).errors).toContain('object store not found');
  });

  it('connects as the user of a file, and says what is wrong with it', async () => {
    await using nats = await startNatsServer({ configuration: `authorization { users: [{ nkey: ${nkeys.createUser().getPublicKey()} }] }` });
    const file = join(folder, 'user.nk');
    await writeFile(file, nkeys.createUser().getSeed());
    const pull = (...words: string[]) => model('pull', 'nats:tiny', 'absent', '--server', nats.url, ...words);
    expect(await pull('--creds', 'user.nk')).toMatchObject({ code: 3, errors: expect.stringContaining(`refuses the credentials ${file}`) });
    expect(await pull('--creds', 'nowhere.creds')).toMatchObject({ code: 2, errors: expect.stringContaining('nowhere.creds: cannot be read') });
    expect(await pull()).toMatchObject({ code: 3, errors: expect.stringContaining('asks for credentials') });
  });
});
