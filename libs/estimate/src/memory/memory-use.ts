/** What lies in the memory of one GPU, or of the machine, in the order in which it is shown. */
export const COMPONENTS = ['weights', 'gradients', 'moments', 'masterWeights', 'gathered', 'activations', 'logits', 'reference', 'copy', 'cache', 'program'] as const;
export type Component = (typeof COMPONENTS)[number];

export const COMPONENT_NAMES: Readonly<Record<Component, string>> = {
  weights: 'weights',
  gradients: 'gradients',
  moments: 'moments of the optimizer',
  masterWeights: 'fp32 master weights',
  gathered: 'weights gathered for the layer at work and the next',
  activations: 'activations',
  logits: 'logits',
  reference: 'reference model',
  copy: 'copy of the model that draws',
  cache: 'cache of keys and values',
  program: 'program',
};

/** Bytes. */
export type MemoryUse = Readonly<Partial<Record<Component, number>>>;

export function totalMemory(use: MemoryUse): number {
  return COMPONENTS.reduce((sum, component) => sum + (use[component] ?? 0), 0);
}

/** What is in both, added up. */
export function joinMemory(...uses: readonly MemoryUse[]): MemoryUse {
  const entries = COMPONENTS.map((component) => [component, uses.reduce((sum, use) => sum + (use[component] ?? 0), 0)] as const);
  return Object.fromEntries(entries.filter(([, bytes]) => bytes > 0));
}
