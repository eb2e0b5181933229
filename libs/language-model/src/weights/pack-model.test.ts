import { describe, expect, it } from 'vitest';
import { parseConfig } from '../config/parse-config.ts';
import type { ModelInMemory } from '../inference/inference-model.ts';
import { trainTokenizer } from '../tokenizer/train-tokenizer.ts';
import { initialTensors } from './initial-tensors.ts';
import { packModel } from './pack-model.ts';
import { unpackModel } from './unpack-model.ts';
import { WeightsError } from './weights-error.ts';

const tokenizer = trainTokenizer(['a b a b'], { specialTokens: ['<eos>'], vocabularySize: 280 });
const config = parseConfig({
  model_type: 'qwen3',
  vocab_size: 280,
  hidden_size: 16,
  intermediate_size: 24,
  num_hidden_layers: 2,
  num_attention_heads: 2,
  num_key_value_heads: 1,
  head_dim: 8,
  rms_norm_eps: 3e-7,
  rope_theta: 123_456.789,
  eos_token_id: [0, 3],
});
const model: ModelInMemory = {
  config,
  tensors: initialTensors(config, 5),
  tokenizer,
  chatTemplate: { template: '{{ messages }} "ü"', variables: { eos_token: '<eos>' }, file: 'chat_template.jinja' },
};

describe('a packed model', () => {
  it('comes back bit for bit: weights, configuration, tokenizer, chat template', () => {
    const unpacked = unpackModel(packModel(model), 'here');
    expect(unpacked).toEqual(model);
  });

  it('may have neither tokenizer nor chat template', () => {
    const bare = { config, tensors: model.tensors };
    expect(unpackModel(packModel(bare), 'here')).toEqual(bare);
  });

  it('has the same bytes whatever the order in which its tensors are held', () => {
    const reversed = { ...model, tensors: new Map([...model.tensors].toReversed()) };
    expect(packModel(reversed)).toEqual(packModel(model));
  });

  it('has other bytes with one bit of one weight changed', () => {
    const tensors = new Map([...model.tensors].map(([name, tensor]) => [name, { ...tensor, data: Float32Array.from(tensor.data) }] as const));
    const [first] = tensors.values();
    const bits = new Uint32Array(first?.data.buffer ?? new ArrayBuffer(4));
    bits[0] = (bits[0] ?? 0) ^ 1;
    expect(packModel({ ...model, tensors })).not.toEqual(packModel(model));
  });

  it('is read from bytes that begin anywhere in their buffer', () => {
    const packed = packModel(model);
    const shifted = new Uint8Array(packed.length + 3);
    shifted.set(packed, 3);
    expect(unpackModel(shifted.subarray(3), 'here')).toEqual(model);
  });

  it('is refused when it is cut short, with where it came from', () => {
    const packed = packModel(model);
    for (const length of [0, 7, 100, packed.length - 1]) expect(() => unpackModel(packed.subarray(0, length), 'policy abc')).toThrow(WeightsError);
    expect(() => unpackModel(packed.subarray(0, packed.length - 1), 'policy abc')).toThrow(/^policy abc: .*truncated/);
  });

  it('is not made of weights that the configuration does not ask for', () => {
    expect(() => packModel({ ...model, tensors: new Map() })).toThrow(WeightsError);
  });
});
