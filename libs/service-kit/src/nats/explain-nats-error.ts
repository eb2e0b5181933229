import { errors } from '@nats-io/transport-node';
import { isRefusal, NatsRefusedError } from './nats-refused-error.ts';

/** What an error that a connection reports means for whoever runs the process: which file it is about, and what to do. */
export function explainNatsError(error: Error, connection: { readonly server: string; readonly credentials: string | undefined }): Error {
  const { server, credentials } = connection;
  if (isRefusal(error)) return new NatsRefusedError(server, credentials, { cause: error });
  if (!(error instanceof errors.PermissionViolationError)) return error;
  const user = credentials === undefined ? 'The NATS user of this process' : `The NATS user of ${credentials}`;
  const verb = error.operation === 'publish' ? 'publish to' : 'subscribe to';
  return new Error(`${user} may not ${verb} ${error.subject}; have the file made again by the operator of this version, or grant it`, { cause: error });
}
