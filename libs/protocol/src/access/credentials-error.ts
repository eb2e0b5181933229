/** A file of NATS credentials that cannot be used. Says which and why, never what is in it. */
export class CredentialsError extends Error {
  override readonly name = 'CredentialsError';
  readonly file: string;

  constructor(file: string, problem: string, options?: ErrorOptions) {
    super(`NATS credentials ${file}: ${problem}`, options);
    this.file = file;
  }
}
