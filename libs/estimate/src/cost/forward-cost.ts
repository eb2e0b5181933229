import { forwardFlops, totalFlops } from '../architecture/forward-flops.ts';
import type { Assumptions } from '../assumptions/assumptions.ts';
import type { Cluster } from '../cluster/device.ts';
import type { ForwardPhase } from '../phases/phase.ts';
import type { Cost } from './cost.ts';
import { NO_FLOPS } from './flops.ts';
import { rowRounds } from './row-rounds.ts';
import { NO_TOKENS } from './tokens.ts';

/** Reading texts that are there, at the rate of training's forward pass. */
export function forwardCost(phase: ForwardPhase, cluster: Cluster, { padding, trainingUtilisation }: Assumptions): Cost {
  const { model, steps, rowsPerStep, rowTokens } = phase;
  const rows = steps * rowsPerStep;
  const flops = forwardFlops(model, { from: 0, to: rowTokens, heads: model.head === 'scalar' ? 1 : rowTokens, decoding: false });
  const ofRow = totalFlops(flops) / (1 - padding);
  return {
    rows,
    tokens: { ...NO_TOKENS, scored: rows * rowTokens },
    flops: { ...NO_FLOPS, scoring: rows * ofRow },
    attentionShare: flops.attention / totalFlops(flops),
    seconds: (steps * ofRow * rowRounds(rowsPerStep, cluster)) / (cluster.device.flops * trainingUtilisation),
    devices: cluster.count,
  };
}
