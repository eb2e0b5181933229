/** No item of the run's data says what a right judgement is. */
export class NoLabelledItemsError extends Error {
  override readonly name = 'NoLabelledItemsError';

  constructor(datasets: readonly string[], unlabelled: number) {
    const found = unlabelled === 0 ? 'there is no item' : `none of the ${unlabelled} items has a label`;
    super(`${found} in ${datasets.join(', ')}; training needs items with \`best\` (two or more responses) or \`label\` (one response)`);
  }
}
