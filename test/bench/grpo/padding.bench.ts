import { openEmbeddedEngine } from '@grm/engine';
import { createTrainingSession, loadCheckpoint, type RolloutRow, type TokenRow } from '@grm/language-model';
import { nanobenchItems } from '@grm/preferences';
import { TRAINING_DEFAULTS } from '@grm/resources';
import { drawGroups, groupRows, judgementRow, LocalRollouts, promptTokens } from '@grm/trainer';
import { repositoryFile } from '../../support/repository-file.ts';
import type { Benchmark, BenchResult } from '../benchmark.ts';

const SPEC = { template: 'Compact', principles: true, referenceGuided: false } as const;
const ITEMS = 32;
const SEED = 2026;

export const grpoPadding: Benchmark = {
  name: 'grpo.padding',
  about: `padding in a step of grpo and of rft on the nano judge's judgements of ${ITEMS} nanobench items, against one padded batch`,
  run: async ({ threads, signal }) => {
    const policy = await loadCheckpoint(repositoryFile('models/nano-judge'));
    const { config, tensors } = policy;
    await using rollouts = new LocalRollouts({ openEngine: openEmbeddedEngine, workers: 1, threads, signal });
    const items = nanobenchItems({ split: 'train', seed: SEED, count: ITEMS }).map((item) => ({ ...item, truth: { best: item.best } })).toArray();
    const stage = { ...TRAINING_DEFAULTS.sampling, groupSize: TRAINING_DEFAULTS.grpo.groupSize };
    const { groups } = await drawGroups(items, { spec: SPEC, stage, policy, tensors, rollouts, seed: SEED, signal });
    const judgements = groups.flat();
    const drawn = groupRows(groups, (rollout) => promptTokens(rollout, SPEC, policy), config.maxPositions);
    const right = judgements.filter(({ outcome }) => outcome === 'right').slice(0, TRAINING_DEFAULTS.rft.batchSize);
    const kept = right.map((judgement) => judgementRow(judgement, SPEC, policy));

    const { clip, klCoefficient } = TRAINING_DEFAULTS.grpo;
    await using reinforcing = await createTrainingSession({ config, tensors, objective: 'policyGradient', policyGradient: { clip, klCoefficient }, threads }, signal);
    await using tuning = await createTrainingSession({ config, tensors, objective: 'crossEntropy', threads }, signal);
    const learningRates = { adamW: 0 };
    const grpo = await reinforcing.step({ microBatches: [drawn.rows], learningRates }, signal);
    const rft = await tuning.step({ microBatches: [kept], learningRates }, signal);
    const groupsLearnt = `${drawn.rows.length} judgements of the ${drawn.live} of ${ITEMS} items whose rewards differ`;
    return [
      resultOf('grpo.padding', drawn.rows, grpo.paddedTokens, groupsLearnt),
      resultOf('grpo.padding.rft', kept, rft.paddedTokens, `${kept.length} right judgements`),
    ];
  },
};

/** Shares of what is computed that are padding; the last token of a row is predicted, not computed. */
function resultOf(name: string, rows: readonly (TokenRow | RolloutRow)[], computed: number, what: string): BenchResult {
  const lengths = rows.map(({ tokens }) => tokens.length - 1);
  const real = lengths.reduce((sum, length) => sum + length, 0);
  const naive = rows.length * Math.max(...lengths);
  const note = `${what}: ${real} tokens, ${Math.min(...lengths)} to ${Math.max(...lengths)} a row; the session computes ${computed}, a batch padded to its longest row ${naive}`;
  return { name, value: 1 - real / computed, unit: 'share padded', baseline: 1 - real / naive, ratio: null, target: 'report', note };
}
