/** A `config.json` does not describe a model whose size can be reckoned. */
export class ArchitectureError extends Error {
  override readonly name = 'ArchitectureError';
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`${file}: ${problem}`, options);
    this.file = file;
  }
}
