import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { z } from 'zod';
import { repositoryFile } from '../../support/repository-file.ts';
import type { BenchContext } from '../benchmark.ts';
import { JsonLinesProcess } from '../json-lines-process.ts';
import type { TrainingWorkload } from './training-workload.ts';

const Started = z.object({ version: z.string() });
const Trained = z.object({ milliseconds: z.number(), losses: z.array(z.number()) });

/** Eager PyTorch training the same weights on the same tokens in a process of its own. */
export class PyTorchTrainer implements AsyncDisposable {
  readonly version: string;
  readonly #process: JsonLinesProcess;
  readonly #workload: TrainingWorkload;

  private constructor(process: JsonLinesProcess, version: string, workload: TrainingWorkload) {
    this.#process = process;
    this.version = version;
    this.#workload = workload;
  }

  static async open(python: string, workload: TrainingWorkload, context: BenchContext): Promise<PyTorchTrainer> {
    const folder = await mkdtemp(join(tmpdir(), 'grm-pytorch-'));
    try {
      const { config, optimizer, tensors } = workload;
      const shapes = [...tensors].map(([name, { shape }]) => [name, shape]);
      const description = { config, betas: optimizer.adamW.betas, clipNorm: optimizer.clipNorm, tensors: shapes };
      await writeFile(join(folder, 'model.json'), JSON.stringify(description));
      await writeFile(join(folder, 'model.bin'), [...tensors.values()].map(({ data }) => new Uint8Array(data.buffer)));
      const script = repositoryFile('test/bench/train/pytorch_step.py');
      const process = new JsonLinesProcess('PyTorch', [python, script, folder, String(context.threads)], context);
      const { version } = Started.parse(await process.read());
      return new PyTorchTrainer(process, version, workload);
    } finally {
      await rm(folder, { recursive: true, force: true });
    }
  }

  async train(steps: number): Promise<z.infer<typeof Trained>> {
    const { tokens, learningRate } = this.#workload;
    return Trained.parse(await this.#process.ask({ tokens, steps, learningRate }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
