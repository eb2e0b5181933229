import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, test } from 'vitest';
import { EXIT_CODES } from '../exit-code.ts';
import { PROGRAMS_FOLDER } from '../programs-folder.ts';
import { runGrmctl } from '../testing/run-grmctl.ts';

const folder = mkdtempSync(join(tmpdir(), 'grm-plan-'));
afterAll(() => rmSync(folder, { recursive: true }));

const plan = (...words: string[]) => runGrmctl(['run', 'plan', ...words], { folder: PROGRAMS_FOLDER });
const example = (name: string) => `examples/${name}/run.yaml`;
const published = ['--took', 'rft=19.2h', '--took', 'grpo=15.6h'];
const text = (path: string) => readFileSync(join(PROGRAMS_FOLDER, path), 'utf8');

function manifest(spec: object, name = 'run'): string {
  const file = join(folder, `${name}.yaml`);
  writeFileSync(file, JSON.stringify({ apiVersion: 'grm.dev/v1alpha1', kind: 'GRMTrainingRun', metadata: { name }, spec }));
  return file;
}

describe('grmctl run plan', () => {
  // `vitest run --project grmctl run-plan -u` writes the files anew; the READMEs show parts of them.
  it.each([
    ['deepseek-grm-16b', []],
    ['deepseek-grm-27b', published],
    ['deepseek-grm-230b', []],
    ['deepseek-grm-671b', []],
  ])('plans the example %s as its plan.txt and its README say', async (name, options) => {
    const { code, output } = await plan(example(name), ...options);
    expect(code).toBe(0);
    await expect(output).toMatchFileSnapshot(join(PROGRAMS_FOLDER, `examples/${name}/plan.txt`));
    const readme = text(`examples/${name}/README.md`);
    const [head = '', costs = '', next = ''] = output.split('\n\n');
    for (const part of [head, costs, ...(options.length > 0 ? [next] : [])]) expect(readme).toContain(part);
  });

  it('plans the run that trained the models of this project as docs/estimates.md shows', async () => {
    const { output } = await plan('examples/models/nano.yaml');
    const [head = '', costs = ''] = output.split('\n\n');
    expect(text('docs/estimates.md')).toContain(`${head}\n\n${costs}`);
  });

  it.each(['16b', '27b', '230b', '671b'])('plans the example deepseek-grm-%s, which no run can use', async (size) => {
    const { code, errors } = await runGrmctl(['local', 'up', '-f', example(`deepseek-grm-${size}`), '--folder', folder], { folder: PROGRAMS_FOLDER });
    expect(code).toBe(EXIT_CODES.usage.code);
    expect(errors).toContain('spec.engine.distributed: not supported yet: only `grmctl run plan` reads it');
  });

  // The judgement of 280 tokens, the prompt and the general rows fill so many tokens together.
  it.each([
    [2048, []],
    [4096, []],
    [8192, ['--longest-row', '8192']],
  ])('solves for the utilisation of rows of %d tokens as the README of 27B says', async (tokens, more) => {
    const filled = ['--document-tokens', String(tokens), '--prompt-tokens', String(tokens - 280), '--padding', '0'];
    const { output } = await plan(example('deepseek-grm-27b'), ...published, ...filled, ...more, '--json');
    const { implied }: { implied: { training: number }[] } = JSON.parse(output);
    const shares = implied.map(({ training }) => `${(training * 100).toFixed(0)} %`);
    expect(text('examples/deepseek-grm-27b/README.md')).toContain(`| ${tokens.toLocaleString('en-US')} | ${shares.join(' | ')} |`);
  });

  it('solves for the utilisation that a batch of 512 items would mean as the README of 27B says', async () => {
    const manifests = join(PROGRAMS_FOLDER, 'examples/deepseek-grm-27b');
    const judgements = text('examples/deepseek-grm-27b/run.yaml').replaceAll('path: base', `path: ${manifests}/base`).replace('path: ..', `path: ${manifests}/..`);
    const items = judgements.replace(/groupSize: 4\n( +)batchSize: 512/, 'groupSize: 4\n$1batchSize: 2048');
    expect(items).not.toBe(judgements);
    writeFileSync(join(folder, 'items.yaml'), items);
    const { implied }: { implied: { training: number; overall: number }[] } = JSON.parse((await plan(join(folder, 'items.yaml'), '--took', 'grpo=15.6h', '--json')).output);
    const [{ training, overall } = { training: 0, overall: 0 }] = implied;
    expect(text('examples/deepseek-grm-27b/README.md')).toContain(`${(training * 100).toFixed(0)} % in training, ${(overall * 100).toFixed(0)} % overall`);
  });

  it('refuses what does not fit, with how much is missing and what would help, as the README of 671B shows', async () => {
    const { code, output, errors } = await plan(example('deepseek-grm-671b'), '--count', '128');
    expect(code).toBe(EXIT_CODES.doesNotFit.code);
    expect(output).toContain('100.1 !');
    expect(errors).toMatch(/rft train needs 100 GB .* \(24,119,696,064 bytes\) more than .* moments of the optimizer/);
    expect(errors).toContain('It fits on 184 GPUs (--count 184), or on as many H200-141GB or B200-180GB or MI300X-192GB.');
    expect(text('examples/deepseek-grm-671b/README.md')).toContain(errors.trim());
    expect((await plan(example('deepseek-grm-671b'), '--count', '184')).code).toBe(0);
  });

  it('prints JSON, also of what it refuses', async () => {
    const { output } = await plan(example('deepseek-grm-27b'), ...published, '--json');
    expect(JSON.parse(output)).toMatchObject({
      run: { namespace: 'default', name: 'deepseek-grm-27b' },
      model: { family: 'gemma2', total: 27_227_128_320 },
      cluster: { device: { name: 'A100-80GB' }, count: 128, devicesPerNode: 8 },
      misfits: [],
      implied: [{ stage: 'rft' }, { stage: 'grpo' }],
    });
    const refused = await plan(example('deepseek-grm-27b'), '--count', '8', '--memory', '40', '--json');
    expect(refused.code).toBe(EXIT_CODES.doesNotFit.code);
    expect(JSON.parse(refused.output).misfits[0]).toMatchObject({ stage: 'rft', work: 'train' });
    expect(JSON.parse(refused.errors).error.message).toContain('It fits on');
  });

  it('takes assumptions, in the units of its options', async () => {
    const { output } = await plan(example('deepseek-grm-16b'), '--step-overhead', '7.5', '--training-utilisation', '0.2', '--json');
    expect(JSON.parse(output).assumptions).toMatchObject({ stepOverhead: 0.0075, trainingUtilisation: 0.2, promptTokens: 2000 });
  });

  it('reads shapes from a folder beside the manifest, from a builtin, and counts the judgements of rft.kept', async () => {
    const data = [{ name: 'pairs', builtin: 'nanobench' }];
    writeFileSync(join(folder, 'kept.jsonl'), '{}\n{}\n\n{}\n');
    const file = manifest({ base: { builtin: 'nano-judge' }, data, stages: { rft: { kept: { volume: { path: 'kept.jsonl' } }, batchSize: 1, epochs: 4 } } });
    expect(JSON.parse((await plan(file, '--json')).output).phases).toMatchObject([{ stage: 'rft', rows: 12 }]);
    expect(JSON.parse((await plan(file, '--kept-judgements', '5', '--json')).output).phases).toMatchObject([{ rows: 20 }]);
  });

  const data = [{ name: 'pairs', builtin: 'nanobench' }];
  test.each([
    ['a file that is not there', () => 'nowhere.yaml', [], 'nowhere.yaml cannot be read'],
    ['a file without a run', () => 'examples/nano/inference-service.yaml', [], 'declares no GRMTrainingRun'],
    ['a run that the file does not have', () => example('deepseek-grm-16b'), ['--name', 'other'], 'declares no run other; there is deepseek-grm-16b'],
    ['an unknown device', () => example('deepseek-grm-16b'), ['--device', 'TPU'], 'no device is called TPU'],
    ['an unknown stage', () => example('deepseek-grm-16b'), ['--took', 'dpo=3h'], 'It must be a stage'],
    ['a stage that the run has not', () => example('deepseek-grm-671b'), ['--took', 'grpo=3h'], 'the run has no stage grpo'],
    ['a share above one', () => example('deepseek-grm-16b'), ['--training-utilisation', '40'], 'from 0.001 to 1'],
    ['a model that is not there', () => manifest({ base: { volume: { path: 'gone' } }, data, stages: { grpo: {} } }), [], 'gone does not exist'],
    ['a folder without a shape', () => manifest({ base: { volume: { path: '.' } }, data, stages: { grpo: {} } }), [], 'config.json of a Hugging Face folder'],
    ['a builtin that is not there', () => manifest({ base: { builtin: 'huge' }, data, stages: { grpo: {} } }), [], 'there is no builtin model huge'],
    ['a broken manifest', () => manifest({ stages: {} }), [], 'either base'],
  ])('refuses %s', async (_, file, options, message) => {
    const { code, errors } = await plan(file(), ...options);
    expect(errors).toContain(message);
    expect(code).toBe(EXIT_CODES.usage.code);
  });

  it.each([
    ['{"model_type": "mamba"}', 'config.json: model_type "mamba" is unknown'],
    ['{"model_type": ', 'config.json: '],
  ])('names a config.json that it cannot read (%s)', async (content, message) => {
    writeFileSync(join(folder, 'config.json'), content);
    const { code, errors } = await plan(manifest({ base: { volume: { path: '.' } }, data, stages: { grpo: {} } }));
    rmSync(join(folder, 'config.json'));
    expect([code, errors]).toEqual([EXIT_CODES.usage.code, expect.stringContaining(message)]);
  });
});
