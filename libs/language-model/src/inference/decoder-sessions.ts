import { Tensor, type InferenceSession } from 'onnxruntime-node';
import type { DecoderConfig } from '../config/decoder-config.ts';
import { decodeGraph } from './decode-graph.ts';
import type { InferenceWeights } from './inference-weights.ts';
import { openSession, type SessionOptions } from './open-session.ts';
import { prefillGraph } from './prefill-graph.ts';

/** How a request's tokens are drawn. */
export interface Drawing {
  readonly temperature: number;
  readonly topP: number;
  readonly stopTokens: readonly number[];
}

/** Keys and values of one layer's prompts: [groups, heads, size, time] and [groups, heads, time, size]. */
export interface PromptCache {
  readonly keys: Float32Array<ArrayBuffer>;
  readonly values: Float32Array<ArrayBuffer>;
}

/** Drawn tokens and their log-probabilities, [steps, groups, samples]. */
export interface Drawn {
  readonly tokens: BigInt64Array;
  readonly logprobs: Float32Array;
}

export interface BlockFeeds {
  readonly groups: number;
  readonly samples: number;
  readonly steps: number;
  /** [groups, samples]: last drawn token, its position, whether the row is over. */
  readonly token: BigInt64Array;
  readonly start: BigInt64Array;
  readonly finished: Uint8Array;
  /** [steps, groups, samples] */
  readonly uniform: Float32Array<ArrayBuffer>;
  /** Longest prompt, and tokens of earlier blocks. */
  readonly prompt: number;
  readonly past: number;
  /** [groups, prompt] */
  readonly mask: Float32Array<ArrayBuffer>;
  readonly prompts: readonly PromptCache[];
  /** A layer's own keys and values, [past, groups, heads, samples, size]. */
  readonly own: readonly { readonly keys: Float32Array; readonly values: Float32Array }[];
}

/** The two compiled graphs of a decoder and how arrays go in and out of them. */
export class DecoderSessions {
  readonly config: DecoderConfig;
  readonly #prefill: InferenceSession;
  readonly #decode: InferenceSession;

  private constructor(config: DecoderConfig, prefill: InferenceSession, decode: InferenceSession) {
    this.config = config;
    this.#prefill = prefill;
    this.#decode = decode;
  }

  static async open(weights: InferenceWeights, options: SessionOptions): Promise<DecoderSessions> {
    const prefill = await openSession(prefillGraph(weights), options);
    const decode = await openSession(decodeGraph(weights), options);
    return new DecoderSessions(weights.config, prefill, decode);
  }

  async release(): Promise<void> {
    await Promise.all([this.#prefill.release(), this.#decode.release()]);
  }

  /** @param tokens [groups, time], padded at the end; `lengths` of the prompts; `uniform` [groups, samples]. */
  async prefill(
    tokens: BigInt64Array,
    lengths: readonly number[],
    uniform: Float32Array<ArrayBuffer>,
    drawing: Drawing,
  ): Promise<Drawn & { prompts: PromptCache[] }> {
    const groups = lengths.length;
    const outputs = await this.#prefill.run({
      tokens: new Tensor('int64', tokens, [groups, tokens.length / groups]),
      last: new Tensor('int32', Int32Array.from(lengths, (length) => length - 1), [groups]),
      uniform: new Tensor('float32', uniform, [groups, uniform.length / groups]),
      ...drawingFeeds(drawing),
    });
    const prompts = Array.from({ length: this.config.layers }, (_, layer) => ({
      keys: floats(outputs, `keys.${layer}`),
      values: floats(outputs, `values.${layer}`),
    }));
    return { ...drawnOf(outputs), prompts };
  }

  /** Runs a block; gives each layer's new keys and values, [done, groups, heads, samples, size]. */
  async decode(feeds: BlockFeeds, drawing: Drawing): Promise<Drawn & { own: { keys: Float32Array; values: Float32Array }[] }> {
    const { groups, samples, prompt, past } = feeds;
    const { keyValueHeads: heads, headSize: size } = this.config;
    const rows = [groups, samples];
    const inputs: Record<string, Tensor> = {
      steps: new Tensor('int64', BigInt64Array.of(BigInt(feeds.steps)), []),
      token: new Tensor('int64', feeds.token, rows),
      start: new Tensor('int64', feeds.start, rows),
      finished: new Tensor('bool', feeds.finished, rows),
      stops: new Tensor('int64', BigInt64Array.from(drawing.stopTokens.length > 0 ? drawing.stopTokens : [-1], BigInt), [Math.max(1, drawing.stopTokens.length)]),
      uniform: new Tensor('float32', feeds.uniform, [feeds.steps, ...rows]),
      mask: new Tensor('float32', feeds.mask, [groups, 1, 1, prompt]),
      ...drawingFeeds(drawing),
    };
    feeds.prompts.forEach(({ keys, values }, layer) => {
      inputs[`promptKeys.${layer}`] = new Tensor('float32', keys, [groups, heads, size, prompt]);
      inputs[`promptValues.${layer}`] = new Tensor('float32', values, [groups, heads, prompt, size]);
    });
    feeds.own.forEach(({ keys, values }, layer) => {
      inputs[`pastKeys.${layer}`] = new Tensor('float32', keys, [past, groups, heads, samples, size]);
      inputs[`pastValues.${layer}`] = new Tensor('float32', values, [past, groups, heads, samples, size]);
    });
    const outputs = await this.#decode.run(inputs);
    const own = Array.from({ length: this.config.layers }, (_, layer) => ({
      keys: floats(outputs, `newKeys.${layer}`),
      values: floats(outputs, `newValues.${layer}`),
    }));
    return { ...drawnOf(outputs), own };
  }
}

function drawingFeeds({ temperature, topP }: Drawing): Record<string, Tensor> {
  return {
    temperature: new Tensor('float32', Float32Array.of(temperature), []),
    topP: new Tensor('float32', Float32Array.of(topP), []),
  };
}

function drawnOf(outputs: InferenceSession.OnnxValueMapType): Drawn {
  const tokens = outputs['drawn']?.data;
  if (!(tokens instanceof BigInt64Array)) throw new TypeError('the graph drew no tokens');
  return { tokens, logprobs: floats(outputs, 'logProbabilities') };
}

function floats(outputs: InferenceSession.OnnxValueMapType, name: string): Float32Array<ArrayBuffer> {
  const data = outputs[name]?.data;
  if (!(data instanceof Float32Array) || !(data.buffer instanceof ArrayBuffer)) throw new TypeError(`the graph gave no ${name}`);
  return new Float32Array(data.buffer, data.byteOffset, data.length);
}
