import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { repositoryFile } from '../../support/repository-file.ts';
import type { BenchContext } from '../benchmark.ts';
import { JsonLinesProcess } from '../json-lines-process.ts';
import { type GrpoWorkload, PROMPT_TOKENS } from './grpo-workload.ts';

const Started = z.object({
  versions: z.object({ trl: z.string(), transformers: z.string(), torch: z.string() }),
  promptTokens: z.array(z.literal(PROMPT_TOKENS)),
});
const Stepped = z.object({ milliseconds: z.number(), generating: z.number(), tokens: z.int() });

/** Importing TRL takes ten seconds alone and minutes on a busy machine. */
const PATIENCE = 300_000;

/** TRL's GRPOTrainer with the same policy, prompts and settings, in a process of its own. */
export class TrlTrainer implements AsyncDisposable {
  readonly versions: z.infer<typeof Started>['versions'];
  readonly #process: JsonLinesProcess;

  private constructor(process: JsonLinesProcess, versions: z.infer<typeof Started>['versions']) {
    this.#process = process;
    this.versions = versions;
  }

  /** @param workload its folder gets a file with the prompts and settings */
  static async open(python: string, { folder, prompts, settings }: GrpoWorkload, { threads, signal }: BenchContext): Promise<TrlTrainer> {
    await writeFile(join(folder, 'step.json'), JSON.stringify({ prompts, settings }));
    const script = repositoryFile('test/bench/grpo/trl_step.py');
    const env = { HF_HUB_OFFLINE: '1', HF_DATASETS_OFFLINE: '1', PYTHONWARNINGS: 'ignore', TQDM_DISABLE: '1', TOKENIZERS_PARALLELISM: 'false' };
    const process = new JsonLinesProcess('TRL', [python, script, folder, String(threads)], { signal, patience: PATIENCE, env });
    try {
      return new TrlTrainer(process, Started.parse(await process.read()).versions);
    } catch (error) {
      await process[Symbol.asyncDispose]();
      throw error;
    }
  }

  /** `generating`: milliseconds of generation within `milliseconds`; `tokens`: drawn and learnt. */
  async train(steps: number): Promise<z.infer<typeof Stepped>> {
    return Stepped.parse(await this.#process.ask({ steps }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#process[Symbol.asyncDispose]();
  }
}
