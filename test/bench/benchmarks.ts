import type { Benchmark } from './benchmark.ts';
import { decodeConcurrent, decodeInt8, decodePerToken } from './decode/decode.bench.ts';
import { decodeLlamaCpp, decodeLlamaCppInt8 } from './decode/llama-cpp.bench.ts';
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
  serveQueue,
  serveLatency,
  rolloutsSamplers,
  rolloutsHop,
  stopEarly,
];
