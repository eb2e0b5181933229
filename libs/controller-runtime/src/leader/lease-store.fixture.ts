import { ApiError } from '../api/api-error.ts';
import type { KubernetesObject } from '../api/kubernetes-object.ts';
import type { ResourceType } from '../api/resource-type.ts';
import type { LeaderElectorContext } from './leader-elector.ts';
import type { Lease } from './lease.ts';

/** One Lease as an API server keeps it, and connections to it that can be cut or slow. */
export class LeaseStore {
  lease: Lease | undefined;
  #version = 0;

  /** A client whose requests wait for `before`, and whose answers for `after`. */
  client({ before = async () => undefined, after = async () => undefined }: { readonly before?: () => Promise<void>; readonly after?: () => Promise<void> } = {}): LeaderElectorContext['client'] {
    const ask = async <T extends KubernetesObject>(work: () => Lease): Promise<T> => {
      await before();
      const answer = work();
      await after();
      // Only Leases are asked for.
      return answer as unknown as T;
    };
    return {
      get: <T extends KubernetesObject>() => ask<T>(() => this.#known()),
      create: <T extends KubernetesObject>(_type: ResourceType<T>, object: T) => ask<T>(() => this.#create(object as unknown as Lease)),
      replace: <T extends KubernetesObject>(_type: ResourceType<T>, object: T) => ask<T>(() => this.#replace(object as unknown as Lease)),
    };
  }

  #known(): Lease {
    if (this.lease === undefined) throw new ApiError('there is none', { status: 404, reason: 'NotFound' });
    return this.lease;
  }

  #create(lease: Lease): Lease {
    if (this.lease !== undefined) throw new ApiError('there is one', { status: 409, reason: 'AlreadyExists' });
    return this.#store(lease);
  }

  #replace(lease: Lease): Lease {
    if (lease.metadata.resourceVersion !== this.#known().metadata.resourceVersion) throw new ApiError('changed meanwhile', { status: 409, reason: 'Conflict' });
    return this.#store(lease);
  }

  #store(lease: Lease): Lease {
    this.lease = { ...lease, metadata: { ...lease.metadata, resourceVersion: String(++this.#version) } };
    return this.lease;
  }
}
