/** What tells models apart at a glance. */
export interface ModelSize {
  readonly vocabularySize: number;
  readonly hiddenSize: number;
  readonly layers: number;
}

/** Read from the shapes of its tensors; undefined where they are no decoder's. */
export function modelSize(tensors: ReadonlyMap<string, { readonly shape: readonly number[] }>): ModelSize | undefined {
  const [vocabularySize, hiddenSize] = tensors.get('model.embed_tokens.weight')?.shape ?? [];
  if (vocabularySize === undefined || hiddenSize === undefined) return undefined;
  const layers = new Set(tensors.keys().map((name) => /^model\.layers\.(\d+)\./.exec(name)?.[1]).filter((layer) => layer !== undefined));
  return { vocabularySize, hiddenSize, layers: layers.size };
}
