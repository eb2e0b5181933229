import { openSync, readFileSync, readSync } from 'node:fs';
import { describe, expect, it, test } from 'vitest';
import { readArchitecture } from '../testing/published.ts';
import { type Architecture, withScalarHead } from './architecture.ts';
import { ArchitectureError } from './architecture-error.ts';
import { cacheParts, cacheSize } from './cache-size.ts';
import { countParameters } from './count-parameters.ts';
import { forwardFlops, totalFlops } from './forward-flops.ts';
import { parseArchitecture } from './parse-architecture.ts';
import { shapeArchitecture } from './shape-architecture.ts';

const project = new URL('../../../../', import.meta.url);
const configOf = (folder: string): Record<string, unknown> => JSON.parse(readFileSync(new URL(`${folder}/config.json`, project), 'utf8'));
const published = (size: string): Architecture => readArchitecture(`examples/deepseek-grm-${size}/base`);

/** Numbers in a safetensors file, by its header. */
function numbersIn(file: string): number {
  const descriptor = openSync(new URL(file, project), 'r');
  const length = Buffer.alloc(8);
  readSync(descriptor, length, 0, 8, 0);
  const header = Buffer.alloc(Number(length.readBigUInt64LE()));
  readSync(descriptor, header, 0, header.length, 8);
  const { __metadata__: _, ...tensors } = JSON.parse(header.toString()) as Record<string, { shape: number[] }>;
  return Object.values(tensors).reduce((sum, { shape }) => sum + shape.reduce((product, side) => product * side, 1), 0);
}

describe('parameters', () => {
  test.each(['nano-judge', 'nano-meta-rm'])('of models/%s are those in its safetensors', (name) => {
    expect(countParameters(readArchitecture(`models/${name}`)).total).toBe(numbersIn(`models/${name}/model.safetensors`));
  });

  // Gemma-2-27B, DeepSeek-V3: the counts that their Hugging Face pages show, V3 without its second-token module.
  test.each([
    ['27b', 27_227_128_320],
    ['16b', 15_706_484_224],
    ['230b', 235_741_434_880],
    ['671b', 671_026_419_200],
  ])('of the base of DeepSeek-GRM-%s are counted to the last one', (size, total) => {
    expect(countParameters(published(size)).total).toBe(total);
  });

  test.each([
    ['27b', 27.2, 27.2],
    ['16b', 15.7, 2.4],
    ['230b', 236, 21],
    ['671b', 671, 37],
  ])('of the base of DeepSeek-GRM-%s, total and active, are as published', (size, total, active) => {
    const count = countParameters(published(size));
    expect(Math.abs(count.total / 1e9 - total)).toBeLessThan(0.5);
    expect(Math.abs(count.active / 1e9 - active)).toBeLessThan(0.5);
  });

  it('of other families are those of their published sizes', () => {
    const qwen2 = { model_type: 'qwen2', vocab_size: 151_936, hidden_size: 896, intermediate_size: 4864, num_hidden_layers: 24, num_attention_heads: 14, num_key_value_heads: 2, max_position_embeddings: 32_768, tie_word_embeddings: true };
    expect(countParameters(parseArchitecture(qwen2)).total).toBe(494_032_768);
    const qwen3 = { model_type: 'qwen3', vocab_size: 151_936, hidden_size: 1024, head_dim: 128, intermediate_size: 3072, num_hidden_layers: 28, num_attention_heads: 16, num_key_value_heads: 8, max_position_embeddings: 40_960, tie_word_embeddings: true };
    expect(countParameters(parseArchitecture(qwen3)).total).toBe(596_049_920);
    const llama = { model_type: 'llama', vocab_size: 128_256, hidden_size: 4096, intermediate_size: 14_336, num_hidden_layers: 32, num_attention_heads: 32, num_key_value_heads: 8, max_position_embeddings: 131_072 };
    expect(countParameters(parseArchitecture(llama)).total).toBe(8_030_261_248);
  });

  it('lose the language head where a scalar one takes its place', () => {
    const judge = readArchitecture('models/nano-judge');
    expect(countParameters(withScalarHead(judge))).toEqual(countParameters(readArchitecture('models/nano-meta-rm')));
  });

  it('of a model from scratch are those of its shape', () => {
    const shape = { architecture: 'llama', hiddenSize: 128, layers: 4, heads: 4, intermediateSize: 352, vocabularySize: 897, contextLength: 512, tiedEmbeddings: false } as const;
    expect(shapeArchitecture(shape)).toEqual(readArchitecture('models/nano-judge'));
  });
});

describe('the cache', () => {
  // 2 x 16 heads x 128 x 46 layers.
  it('holds the keys and values of a token', () => expect(cacheSize(published('27b'), 1)).toBe(188_416));

  it('of a layer with a window stops growing there', () => {
    const gemma = published('27b');
    expect(cacheSize(gemma, 8192) - cacheSize(gemma, 8191)).toBe(cacheSize(gemma, 1) / 2);
  });

  it('of latent attention holds one latent and one rotated key', () => expect(cacheSize(published('671b'), 1)).toBe(61 * (512 + 64)));

  it('is cut by heads, and a latent not at all', () => {
    expect(cacheParts(published('27b'), 8)).toBe(8);
    expect(cacheParts(published('27b'), 64)).toBe(16);
    expect(cacheParts(published('16b'), 8)).toBe(1);
  });
});

describe('FLOPs', () => {
  const row = (tokens: number) => ({ from: 0, to: tokens, heads: tokens, decoding: false });

  it('forward are twice the active parameters a token, attention apart', () => {
    for (const size of ['27b', '16b', '230b', '671b']) {
      const architecture = published(size);
      const { layers, head } = forwardFlops(architecture, row(100));
      // Norms are parameters without products.
      expect((layers + head) / 200 / countParameters(architecture).active).toBeCloseTo(1, 3);
    }
  });

  it('of attention are two products for each pair of a token and one that it sees', () => {
    // Pairs of three tokens: 1 + 2 + 3; a product of 4 heads of 32 in each of 4 layers.
    expect(forwardFlops(readArchitecture('models/nano-judge'), row(3)).attention).toBe(2 * 2 * 6 * (4 * 32) * 4);
    // Unfolded keys of 128 + 64 and values of 128; when decoding, the latent of 512 for both and the rotated key of 64.
    const span = { from: 9, to: 10, heads: 1 };
    expect(forwardFlops(published('16b'), { ...span, decoding: false }).attention).toBe(2 * 10 * 16 * (192 + 128) * 27);
    expect(forwardFlops(published('16b'), { ...span, decoding: true }).attention).toBe(2 * 10 * 16 * (512 + 64 + 512) * 27);
  });

  it('of attention grow with the square of a row, beyond a window in a line', () => {
    const [local, global] = published('27b').layers;
    if (local === undefined || global === undefined) throw new Error('Gemma 2 has two kinds of layers');
    const attention = (layers: typeof local, tokens: number) => forwardFlops({ ...published('27b'), layers: [layers] }, row(tokens)).attention;
    expect(attention(global, 8000) / attention(global, 4000)).toBeCloseTo(4, 2);
    expect(attention(local, 4096)).toBe(attention(global, 4096));
    expect(attention(local, 16_384) - attention(local, 12_288)).toBe(attention(local, 12_288) - attention(local, 8192));
  });

  it('of a row are those of its first part and of the rest', () => {
    const gemma = published('27b');
    const parts = [forwardFlops(gemma, { ...row(3000), heads: 0 }), forwardFlops(gemma, { from: 3000, to: 5000, heads: 5000, decoding: true })];
    expect(parts.reduce((sum, part) => sum + totalFlops(part), 0)).toBeCloseTo(totalFlops(forwardFlops(gemma, row(5000))), -6);
  });

  it('of a scalar head are next to nothing', () => {
    const judge = readArchitecture('models/nano-judge');
    expect(forwardFlops(withScalarHead(judge), { ...row(10), heads: 1 }).head).toBe(2 * 128);
  });
});

describe('a config.json', () => {
  const lite = configOf('examples/deepseek-grm-16b/base');
  const gemma = configOf('examples/deepseek-grm-27b/base');
  const { q_lora_rank: _, ...withoutRank } = lite;
  const { sliding_window: __, ...withoutWindow } = gemma;
  test.each([
    ['of an unknown architecture', { model_type: 'mamba' }, 'known are llama, qwen2, qwen3, gemma2, deepseek_v2, deepseek_v3'],
    ['of nothing', {}, 'model_type is missing'],
    ['that is a list', [], 'model_type is missing'],
    ['without a size', withoutWindow, 'sliding_window'],
    ['whose rank is not said to be none', withoutRank, 'q_lora_rank'],
    ['with a broken size', { ...gemma, hidden_size: '4608' }, 'hidden_size'],
    ['with more experts a token than there are', { ...lite, num_experts_per_tok: 65 }, 'num_experts_per_tok'],
    ['with biases that are not counted', { ...gemma, attention_bias: true }, 'attention_bias is not known here'],
    ['with heads that cannot share', { ...gemma, num_key_value_heads: 5 }, 'num_key_value_heads'],
    ['with a bias on the output', { ...gemma, model_type: 'llama', attention_bias: true }, 'attention_bias'],
    ['without a head size that follows', { ...gemma, model_type: 'llama', head_dim: null, num_attention_heads: 31, num_key_value_heads: 31 }, 'head_dim is missing'],
  ])('%s is refused by name', (_, value, message) => {
    const parse = () => parseArchitecture(value, 'base/config.json');
    expect(parse).toThrow(ArchitectureError);
    expect(parse).toThrow(message);
    expect(parse).toThrow('base/config.json: ');
  });
});
