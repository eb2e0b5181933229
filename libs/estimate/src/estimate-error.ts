/** What is asked for cannot be reckoned: assumptions contradict each other, or something that is needed is not known. */
export class EstimateError extends Error {
  override readonly name = 'EstimateError';
}
