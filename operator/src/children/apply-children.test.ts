import type { KubernetesObject, ResourceType } from '@grm/controller-runtime';
import { expect, it } from 'vitest';
import { applyChildren } from './apply-children.ts';
import { ForeignChildError } from './foreign-child-error.ts';
import { withOwner } from './with-owner.ts';

const owner = { apiVersion: 'grm.dev/v1alpha1', kind: 'GRMTrainingRun', metadata: { namespace: 'team', name: 'nano', uid: 'u1' } };
const configMap = (name: string): KubernetesObject => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { namespace: 'team', name } });

function cluster(live: readonly KubernetesObject[], refuse?: string) {
  const applied: KubernetesObject[] = [];
  const written: string[] = [];
  const options = {
    owner,
    client: {
      create: async <T extends KubernetesObject>(_: ResourceType<T>, object: T): Promise<T> => {
        if (object.metadata.name === refuse) throw new Error(`${refuse} is refused`);
        applied.push(object);
        return object;
      },
      apply: async <T extends KubernetesObject>(_: ResourceType<T>, object: KubernetesObject): Promise<T> => {
        if (object.metadata.name === refuse) throw new Error(`${refuse} is refused`);
        applied.push(object);
        return object as T;
      },
    },
    cache: {
      live: ({ metadata }: KubernetesObject) => live.find((object) => object.metadata.name === metadata.name),
      wrote: (_: KubernetesObject, { metadata }: KubernetesObject) => void written.push(metadata.name),
    },
    isCurrent: ({ metadata }: KubernetesObject) => metadata.annotations?.['stale'] === undefined,
  };
  return { options, applied, written, names: () => applied.map(({ metadata }) => metadata.name).toSorted() };
}

it('makes what is missing or not as planned, as children of the owner, and leaves the rest alone', async () => {
  const stale = withOwner({ ...configMap('stale'), metadata: { ...configMap('stale').metadata, annotations: { stale: '' } } }, owner);
  const { options, names, applied, written } = cluster([withOwner(configMap('there'), owner), stale]);
  await applyChildren({ ...options, planned: [configMap('there'), configMap('stale'), configMap('missing')] });
  expect(names()).toEqual(['missing', 'stale']);
  expect(written.toSorted()).toEqual(['missing', 'stale']);
  for (const { metadata } of applied) expect(metadata.ownerReferences).toMatchObject([{ uid: 'u1', controller: true }]);
});

it('takes over nothing that belongs to somebody else', async () => {
  const theirs = withOwner(configMap('a'), { ...owner, metadata: { ...owner.metadata, name: 'theirs', uid: 'u2' } });
  for (const found of [theirs, configMap('a')]) {
    await expect(applyChildren({ ...cluster([found]).options, planned: [configMap('a')] })).rejects.toThrow(ForeignChildError);
  }
  await expect(applyChildren({ ...cluster([theirs]).options, planned: [configMap('a')] })).rejects.toThrow(/belongs to GRMTrainingRun theirs; delete or rename it/);
});

it('tries all, and says of which the API server would not have', async () => {
  const { options, names } = cluster([], 'b');
  await expect(applyChildren({ ...options, planned: ['a', 'b', 'c'].map(configMap) })).rejects.toThrow('b is refused');
  expect(names()).toEqual(['a', 'c']);
});

it('knows no kind that the operator does not make', async () => {
  await expect(applyChildren({ ...cluster([]).options, planned: [{ ...configMap('a'), kind: 'Node' }] })).rejects.toThrow('the operator makes no Node of v1');
});
