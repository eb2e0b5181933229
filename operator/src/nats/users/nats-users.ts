import { type ApiClient, type Clock, isNotFound, type KubernetesObject, type ResourceType } from '@grm/controller-runtime';
import type { GRMResource } from '@grm/resources';
import { settleAll } from '../../background/settle-all.ts';
import { valuesOf } from '../../background/values-of.ts';
import { secrets } from '../../children/child-types.ts';
import { withOwner } from '../../children/with-owner.ts';
import type { AccountSigner } from './account-signer.ts';
import type { ComponentUser } from './component-user.ts';
import { secondsUntilRenewal } from './renewal-reason.ts';
import { renewedSecret } from './renewed-secret.ts';
import { userSecretName } from './user-secret.ts';

interface KnownUser {
  readonly user: string;
  readonly renewAt: number;
}

/** A Secret with Kubernetes' own encoding of its values. */
interface Secret extends KubernetesObject {
  readonly data?: Readonly<Record<string, string>>;
}

/** Secrets of one resource that are looked at, at a time. */
const AT_A_TIME = 4;
/** Users that are looked at are remembered at most for so many components. */
const mostKnown = 20_000;

/** Gives each component a NATS user of its own, in a Secret beside it, and a new one in time before that expires. Secrets are read by name, never listed. */
export class NatsUsers {
  readonly #client: Pick<ApiClient, 'get' | 'apply'>;
  readonly #signer: AccountSigner;
  readonly #clock: Clock;
  readonly #authority: string | undefined;
  readonly #known = new Map<string, KnownUser>();

  /** @param authority PEM of the servers' authority, put beside each user */
  constructor(client: Pick<ApiClient, 'get' | 'apply'>, signer: AccountSigner, clock: Clock, authority?: string) {
    this.#client = client;
    this.#signer = signer;
    this.#clock = clock;
    this.#authority = authority;
  }

  /** Makes the Secrets of these users what they are to be; asks nothing of the API server where that is known. All are tried, whatever becomes of one. */
  async ensure(owner: KubernetesObject, resource: GRMResource, users: readonly ComponentUser[]): Promise<void> {
    valuesOf(await settleAll(users, AT_A_TIME, (wanted) => this.#ensure(owner, resource, wanted)));
  }

  async #ensure(owner: KubernetesObject, resource: GRMResource, wanted: ComponentUser): Promise<void> {
    const now = this.#clock.now();
    const key = { namespace: resource.metadata.namespace, name: userSecretName(resource, wanted.component) };
    const id = `${owner.metadata.uid ?? ''}/${key.name}`;
    const known = this.#known.get(id);
    const user = JSON.stringify(wanted.user);
    if (known?.user === user && now < known.renewAt) return;
    const live = await this.#client.get<Secret>(secrets as ResourceType<Secret>, key).catch((error: unknown) => {
      if (isNotFound(error)) return undefined;
      throw error;
    });
    const renewed = await renewedSecret({ resource, wanted, live, signer: this.#signer, now: new Date(now), ...(this.#authority === undefined ? {} : { authority: this.#authority }) });
    const secret = renewed === undefined ? live : await this.#client.apply<Secret>(secrets as ResourceType<Secret>, withOwner(renewed.secret, owner), { force: true });
    const seconds = secret === undefined ? 0 : secondsUntilRenewal(secret, new Date(now));
    this.#known.set(id, { user, renewAt: now + seconds * 1000 });
    for (const oldest of this.#known.keys()) {
      if (this.#known.size <= mostKnown) break;
      this.#known.delete(oldest);
    }
  }
}
