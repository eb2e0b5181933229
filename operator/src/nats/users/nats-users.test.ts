import { ApiError, type KubernetesObject, type ResourceType, systemClock } from '@grm/controller-runtime';
import { parseManifests } from '@grm/resources';
import { createAccount } from '@nats-io/nkeys';
import { expect, it } from 'vitest';
import { accountSigner } from './account-signer.ts';
import { NatsUsers } from './nats-users.ts';
import { usersOfService } from './users-of-service.ts';

const [service] = parseManifests('{apiVersion: grm.dev/v1alpha1, kind: GRMInferenceService, metadata: {name: judge, namespace: team}, spec: {model: {builtin: nano-judge}, metaRM: {model: {builtin: nano-meta-rm}}}}', 'test.yaml', 'cluster');
const owner: KubernetesObject = { apiVersion: 'grm.dev/v1alpha1', kind: 'GRMInferenceService', metadata: { namespace: 'team', name: 'judge', uid: 'u1' } };

it('issues every user of a service, whatever becomes of one, and asks again only for that one', async () => {
  if (service?.kind !== 'GRMInferenceService') throw new Error('no service');
  const applied: string[] = [];
  let refused: string | undefined = 'grm-judge-meta-rm-nats';
  const client = {
    get: async <T extends KubernetesObject>(type: ResourceType<T>, { name }: { readonly name: string }): Promise<T> => {
      throw new ApiError(`${type.kind} ${name} not found`, { status: 404, reason: 'NotFound' });
    },
    apply: async <T extends KubernetesObject>(_: ResourceType<T>, object: KubernetesObject): Promise<T> => {
      if (object.metadata.name === refused) throw new ApiError(`${refused} is refused`, { status: 403, reason: 'Forbidden' });
      applied.push(object.metadata.name);
      return object as T;
    },
  };
  const users = new NatsUsers(client, accountSigner(new TextDecoder().decode(createAccount().getSeed()), 'account.seed'), systemClock);
  const ensure = () => users.ensure(owner, service, usersOfService(service, []));
  await expect(ensure()).rejects.toThrow('grm-judge-meta-rm-nats is refused');
  expect(applied.toSorted()).toEqual(['grm-judge-client-nats', 'grm-judge-sampler-nats', 'grm-judge-voter-nats']);
  refused = undefined;
  await ensure();
  expect(applied.slice(3)).toEqual(['grm-judge-meta-rm-nats']);
});
