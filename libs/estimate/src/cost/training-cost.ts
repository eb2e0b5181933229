import type { Architecture } from '../architecture/architecture.ts';
import { sumOverLayers } from '../architecture/architecture.ts';
import { forwardFlops, totalFlops } from '../architecture/forward-flops.ts';
import { layerMatrices } from '../architecture/layer-matrices.ts';
import type { Assumptions } from '../assumptions/assumptions.ts';
import type { Cluster } from '../cluster/device.ts';
import type { TrainPhase } from '../phases/phase.ts';
import type { Cost } from './cost.ts';
import { NO_FLOPS } from './flops.ts';
import { rowRounds } from './row-rounds.ts';
import { NO_TOKENS } from './tokens.ts';

/** Forward, twice that backward (with respect to weights and to activations), and the optimizer. */
export function trainingCost(phase: TrainPhase, cluster: Cluster, { padding, trainingUtilisation }: Assumptions): Cost {
  const { model, steps, rowsPerStep } = phase;
  const rows = steps * rowsPerStep;
  const ofRow = phase.rows.map(({ share, tokens }) => {
    const flops = forwardFlops(model, { from: 0, to: tokens, heads: model.head === 'scalar' ? 1 : tokens, decoding: false });
    return { tokens: share * tokens, flops: share * totalFlops(flops), attention: share * flops.attention };
  });
  const sum = (part: keyof (typeof ofRow)[number]): number => ofRow.reduce((total, each) => total + each[part], 0);
  const forwardOfRow = sum('flops') / (1 - padding);
  const optimizerOfStep = phase.optimizer === 'muon' ? muonFlops(model) : 0;
  const rate = cluster.device.flops * trainingUtilisation;
  return {
    rows,
    tokens: { ...NO_TOKENS, trained: rows * sum('tokens') },
    flops: { ...NO_FLOPS, forward: rows * forwardOfRow, backward: 2 * rows * forwardOfRow, optimizer: steps * optimizerOfStep },
    attentionShare: sum('attention') / (sum('flops') + (optimizerOfStep * (1 - padding)) / (3 * rowsPerStep)),
    seconds: (steps * (3 * forwardOfRow * rowRounds(rowsPerStep, cluster) + optimizerOfStep / cluster.count)) / rate,
    devices: cluster.count,
  };
}

/** One step of Muon: five Newton-Schulz steps for every matrix of the layers, each of three products. */
function muonFlops(architecture: Architecture): number {
  return sumOverLayers(architecture, (layer) =>
    layerMatrices(layer, architecture.hiddenSize).reduce((sum, { rows, columns, copies }) => {
      const [short, long] = [Math.min(rows, columns), Math.max(rows, columns)];
      return sum + copies * 5 * (4 * short ** 2 * long + 2 * short ** 3);
    }, 0),
  );
}
