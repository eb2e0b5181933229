import { PythonUnavailableError, resolvePython } from '../../support/python/resolve-python.ts';
import { alternate, median } from '../alternate.ts';
import type { Benchmark } from '../benchmark.ts';
import { GrmStepper, type Step } from './grm-stepper.ts';
import { COMPLETION_TOKENS, grpoWorkload, PROMPT_TOKENS } from './grpo-workload.ts';
import { TrlTrainer } from './trl-trainer.ts';

const NAME = 'grpo.trl';
const TARGET = '>= 2';
const UNIT = 'tokens/s';
const ITEMS = 8;

export const grpoTrl: Benchmark = {
  name: NAME,
  about: "a whole step of reinforcement learning (draw, reward, learn, hand the weights over) against TRL's GRPOTrainer on the CPU",
  run: async (context) => {
    const python = await resolvePython({ environment: 'trl', install: true, signal: context.signal, log: (line) => context.report(line) }).catch(
      (error: unknown) => {
        if (error instanceof PythonUnavailableError) return error;
        throw error;
      },
    );
    if (python instanceof PythonUnavailableError)
      return [{ name: NAME, value: 0, unit: UNIT, baseline: null, ratio: null, target: TARGET, note: `skipped: ${python.message}` }];
    await using workload = await grpoWorkload(ITEMS);
    await using trl = await TrlTrainer.open(python, workload, context);
    await using ours = await GrmStepper.open(workload, context);
    const steps: Step[] = [];
    const theirs: { milliseconds: number; generating: number }[] = [];
    const measured = await alternate(
      context.rounds,
      async () => {
        const step = await ours.step();
        steps.push(step);
        return (step.tokens * 1000) / step.milliseconds;
      },
      async () => {
        const { tokens, milliseconds, generating } = await trl.train(1);
        theirs.push({ milliseconds, generating });
        return (tokens * 1000) / milliseconds;
      },
    );
    // The first of each warmed it up.
    const ourMedian = (value: (step: Step) => number): string => median(steps.slice(1).map(value)).toFixed(0);
    const trlMedian = (value: (step: (typeof theirs)[number]) => number): string => median(theirs.slice(1).map(value)).toFixed(0);
    const { trl: version, transformers, torch } = trl.versions;
    return [
      {
        name: NAME,
        ...measured,
        unit: UNIT,
        target: TARGET,
        note:
          `${workload.prompts.length} prompts x ${workload.settings.groupSize}, ${PROMPT_TOKENS} + ${COMPLETION_TOKENS} tokens, fp32, beta ${workload.settings.klCoefficient}; ` +
          `TRL ${version}, transformers ${transformers}, PyTorch ${torch}: ${trlMedian(({ milliseconds }) => milliseconds)} ms a step, ${trlMedian(({ generating }) => generating)} of it generation; ` +
          `ours ${ourMedian(({ milliseconds }) => milliseconds)}: draw ${ourMedian(({ parts }) => parts.draw)}, learn ${ourMedian(({ parts }) => parts.learn)}, ` +
          `weights out ${ourMedian(({ parts }) => parts.export)} and in ${ourMedian(({ parts }) => parts.replace)}`,
      },
    ];
  },
};
