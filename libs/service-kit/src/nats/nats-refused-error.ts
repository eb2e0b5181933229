import { errors } from '@nats-io/transport-node';

/** A NATS server that does not let this user in. */
export class NatsRefusedError extends Error {
  override readonly name = 'NatsRefusedError';
  /** File of the credentials that were refused; undefined when there were none. */
  readonly credentials: string | undefined;

  constructor(server: string, credentials: string | undefined, options: ErrorOptions) {
    const why = options.cause instanceof Error ? options.cause.message : String(options.cause);
    super(
      credentials === undefined
        ? `The NATS server ${server} asks for credentials (${why}); set GRM_NATS_CREDENTIALS to a .creds file or an nkey seed of a user that it knows`
        : `The NATS server ${server} refuses the credentials ${credentials} (${why}): they have expired, were revoked, or are of another account; have the file made again`,
      options,
    );
    this.credentials = credentials;
  }
}

/** Whether a server said that it does not know the user, or does not know it any more. */
export function isRefusal(error: unknown): boolean {
  return error instanceof errors.AuthorizationError || error instanceof errors.UserAuthenticationExpiredError;
}
