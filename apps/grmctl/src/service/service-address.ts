import { CommandError } from '../command-error.ts';
import type { Terminal } from '../terminal/terminal.ts';
import { running } from './find-server.ts';
import { type NatsTarget, natsTarget, type NatsTargetOptions } from './nats-target.ts';

export interface ServiceOptions extends NatsTargetOptions {
  readonly service?: string;
  readonly namespace: string;
}

/** Which NATS server to ask, and which service on it. */
export interface ServiceTarget extends NatsTarget {
  readonly namespace: string;
  readonly service: string;
  /** Of the service's model, where not whichever serves is meant. */
  readonly revision?: string;
}

/**
 * The service to ask: the one given, else the only one of its namespace that `grmctl local` runs.
 *
 * @throws {CommandError} when none is given and there is none, or more than one.
 */
export async function findService(options: ServiceOptions, terminal: Terminal): Promise<ServiceTarget> {
  const { namespace } = options;
  const target = await natsTarget(options, terminal);
  if (options.service !== undefined) return { ...target, namespace, service: options.service };
  const resources = (await running(options.folder, terminal))?.resources ?? [];
  const services = resources.filter((resource) => resource.kind === 'GRMInferenceService' && resource.namespace === namespace);
  const [only, ...others] = services;
  if (only !== undefined && others.length === 0) return { ...target, namespace, service: only.name };
  throw new CommandError(
    'usage',
    only === undefined
      ? 'which service? Name it with --service NAME, or start one here with `grmctl local up -f examples/nano`'
      : `which service? Name one with --service: ${services.map(({ name }) => name).join(', ')}`,
  );
}
