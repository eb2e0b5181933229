import { checkName } from '../subjects.ts';
import type { NatsUser } from './nats-user.ts';

/**
 * Where a user is answered, without the last dot: subjects of nobody else's, so that nobody else hears the answers.
 * @throws GrmError `invalid-request` when a name is no RFC 1123 label
 */
export function inboxPrefixOf(user: NatsUser): string {
  const prefix = `_INBOX_${user.role}`;
  switch (user.role) {
    case 'operator':
      return prefix;
    case 'client':
      return `${prefix}.${checkName(user.namespace, 'namespace')}.${checkName(user.name, 'client')}`;
    case 'trainer':
    case 'rollouts':
      return `${prefix}.${checkName(user.namespace, 'namespace')}.${checkName(user.run, 'run')}`;
    case 'sampler':
    case 'meta-rm':
    case 'voter':
    case 'gate':
      return `${prefix}.${checkName(user.namespace, 'namespace')}.${checkName(user.service, 'service')}`;
  }
}
