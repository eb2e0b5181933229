import type { NatsUser } from '@grm/protocol';

/** What a user is called in the server's monitoring and log. */
export function userName(user: NatsUser): string {
  switch (user.role) {
    case 'operator':
      return 'operator';
    case 'client':
      return ['client', user.namespace, user.service ?? '*', user.name].join('/');
    case 'trainer':
    case 'rollouts':
      return [user.role, user.namespace, user.run].join('/');
    case 'sampler':
    case 'meta-rm':
    case 'voter':
    case 'gate':
      return [user.role, user.namespace, user.service].join('/');
  }
}
