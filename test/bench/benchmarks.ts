import type { Benchmark } from './benchmark.ts';
import { decodeConcurrent, decodeInt8, decodePerToken } from './decode/decode.bench.ts';
import { decodeLlamaCpp, decodeLlamaCppInt8 } from './decode/llama-cpp.bench.ts';
import { grpoPadding } from './grpo/padding.bench.ts';
import { grpoRollouts } from './grpo/rollouts.bench.ts';
import { grpoTrl } from './grpo/trl.bench.ts';
import { rolloutsHop, rolloutsSamplers } from './rollouts/rollouts.bench.ts';
import { serveLatency, serveQueue } from './serve/serve.bench.ts';
import { stopEarly } from './stop/stop.bench.ts';
import { trainGemmPeak, trainPyTorch } from './train/train.bench.ts';

/** In the order in which they run and are listed. */
export const benchmarks: readonly Benchmark[] = [
  decodePerToken,
  decodeLlamaCpp,
  decodeLlamaCppInt8,
  decodeInt8,
  decodeConcurrent,
  trainGemmPeak,
  trainPyTorch,
  grpoTrl,
  grpoRollouts,
  grpoPadding,
  serveQueue,
  serveLatency,
  rolloutsSamplers,
  rolloutsHop,
  stopEarly,
];
