import { type Architecture, type Attention, sumOverLayers } from './architecture.ts';

/** Numbers that one layer keeps of one token: keys and values, or the latent that they are made from and the rotated key. */
function kept(attention: Attention): number {
  return attention.kind === 'grouped' ? 2 * attention.keyValueHeads * attention.headSize : attention.keyValueRank + attention.rotarySize;
}

/** Numbers in the cache of one sequence. A layer with a window keeps no more tokens than that. */
export function cacheSize(architecture: Architecture, tokens: number): number {
  return sumOverLayers(architecture, ({ attention }) => {
    const window = attention.kind === 'grouped' ? (attention.window ?? tokens) : tokens;
    return kept(attention) * Math.min(tokens, window);
  });
}

/**
 * Into how many parts a group of tensor-parallel devices can cut the cache. Heads are cut apart; a latent is shared by all heads,
 * so that every device of the group holds it whole.
 */
export function cacheParts({ layers }: Architecture, devices: number): number {
  return Math.min(...layers.map(({ attention }) => (attention.kind === 'grouped' ? Math.min(devices, attention.keyValueHeads) : 1)));
}
