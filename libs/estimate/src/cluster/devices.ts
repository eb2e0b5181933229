import { EstimateError } from '../estimate-error.ts';
import type { Device } from './device.ts';

const gpu = (name: string, teraflops: number, gigabytes: number, gigabytesPerSecond: number, products: readonly string[]): Device => ({
  name,
  kind: 'gpu',
  flops: teraflops * 1e12,
  memory: gigabytes * 1e9,
  bandwidth: gigabytesPerSecond * 1e9,
  products,
});

/** GPUs that plans know by name. Peaks are dense, without sparsity: half of what some data sheets print. */
export const GPUS: readonly Device[] = [
  // NVIDIA A100 Tensor Core GPU data sheet: BF16 312 TFLOP/s; 40 GB HBM2 at 1,555 GB/s; 80 GB HBM2e at 1,935 GB/s (PCIe), 2,039 GB/s (SXM).
  gpu('A100-40GB', 312, 40, 1555, ['NVIDIA-A100-SXM4-40GB', 'NVIDIA-A100-PCIE-40GB']),
  gpu('A100-80GB', 312, 80, 2039, ['NVIDIA-A100-SXM4-80GB']),
  gpu('A100-80GB-PCIe', 312, 80, 1935, ['NVIDIA-A100-80GB-PCIe']),
  // NVIDIA H100 data sheet: BF16 1,979 TFLOP/s with sparsity (SXM), 1,513 (PCIe); 80 GB at 3.35 TB/s, 2 TB/s.
  gpu('H100-80GB', 989.5, 80, 3350, ['NVIDIA-H100-80GB-HBM3']),
  gpu('H100-80GB-PCIe', 756.5, 80, 2000, ['NVIDIA-H100-PCIe']),
  // NVIDIA H200 data sheet: BF16 1,979 TFLOP/s with sparsity; 141 GB at 4.8 TB/s.
  gpu('H200-141GB', 989.5, 141, 4800, ['NVIDIA-H200']),
  // NVIDIA DGX B200 data sheet, an eighth of it: BF16 36 PFLOP/s with sparsity; 1,440 GB at 64 TB/s.
  gpu('B200-180GB', 2250, 180, 8000, ['NVIDIA-B200']),
  // NVIDIA L40S data sheet: BF16 733 TFLOP/s with sparsity; 48 GB at 864 GB/s.
  gpu('L40S-48GB', 366.5, 48, 864, ['NVIDIA-L40S']),
  // NVIDIA A10 data sheet: BF16 125 TFLOP/s; 24 GB at 600 GB/s.
  gpu('A10-24GB', 125, 24, 600, ['NVIDIA-A10']),
  // AMD Instinct MI300X data sheet: BF16 1,307.4 TFLOP/s; 192 GB at 5.3 TB/s.
  gpu('MI300X-192GB', 1307.4, 192, 5300, []),
];

/** What a plan takes a processor for unless it is told more. */
export const CPU_STANDARDS = {
  /**
   * fp32 matrix products of one thread, GFLOP/s. Measured with onnxruntime by `make bench` (train.gemm-peak) and the like: 66 and 168
   * a thread on two servers of some years, over 200 on a new one. With 100, and half of it reached, the run that trained
   * models/nano-judge takes the 12 minutes that its card states.
   */
  gigaflops: 100,
  /** Bytes of the machine. */
  memory: 16e9,
  /** Bytes a second at which one machine with two cores streamed weights. */
  bandwidth: 23e9,
} as const;

/** A processor. `count` of its cluster is the number of threads. */
export function cpu({ gigaflops = CPU_STANDARDS.gigaflops, memory = CPU_STANDARDS.memory }: { readonly gigaflops?: number; readonly memory?: number } = {}): Device {
  return { name: 'cpu', kind: 'cpu', flops: gigaflops * 1e9, memory, bandwidth: CPU_STANDARDS.bandwidth, products: [] };
}

/**
 * The GPU of a name in the table, or of a value of the label `nvidia.com/gpu.product`.
 * @throws {EstimateError}
 */
export function findGpu(name: string): Device {
  const found = GPUS.find((device) => device.name === name || device.products.includes(name));
  if (found === undefined) throw new EstimateError(`no device is called ${name}; known are cpu, ${GPUS.map((device) => device.name).join(', ')}`);
  return found;
}
