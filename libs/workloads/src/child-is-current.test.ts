import { expect, it } from 'vitest';
import { childIsCurrent, stamped } from './child-is-current.ts';

const planned = (planner = '1', inputs: unknown = { threads: 1 }, replicas = 2) =>
  stamped(
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a', namespace: 'b', labels: { c: 'd' } },
      spec: { replicas, template: { spec: { containers: [{ name: 'main', image: 'x', env: [{ name: 'A', value: '1' }, { name: 'B', value: '2' }], resources: { requests: { cpu: '1', memory: '1Gi' } } }] } } },
    },
    inputs,
    planner,
  );

/** As the API server gives it back: defaults added, lists in another order, quantities in its own spelling. */
function live(from = planned()) {
  const copy = structuredClone(from) as { metadata: object; spec: { template: { spec: { containers: { env: object[]; image: string; resources: object; imagePullPolicy?: string }[] } } } } & typeof from;
  const [container] = copy.spec.template.spec.containers;
  if (container !== undefined) {
    container.env.reverse();
    container.imagePullPolicy = 'Always';
    container.resources = { requests: { cpu: '1000m', memory: '1024Mi' } };
  }
  return { ...copy, metadata: { ...copy.metadata, uid: 'u', resourceVersion: '5' }, status: { replicas: 2 } };
}

it('an object that only the API server has added to is current', () => {
  expect(childIsCurrent(live(), planned())).toBe(true);
});

it('one that somebody has changed is not', () => {
  const changed = live();
  const [container] = changed.spec.template.spec.containers;
  if (container !== undefined) container.image = 'y';
  expect(childIsCurrent(changed, planned())).toBe(false);
});

it('one that has lost or gained an element of a list is not', () => {
  const changed = live();
  changed.spec.template.spec.containers[0]?.env.push({ name: 'C', value: '3' });
  expect(childIsCurrent(changed, planned())).toBe(false);
  changed.spec.template.spec.containers[0]?.env.splice(0, 2);
  expect(childIsCurrent(changed, planned())).toBe(false);
});

it('one that another version planned from the same inputs is left alone, but for its replicas', () => {
  const changed = live(planned('0'));
  const [container] = changed.spec.template.spec.containers;
  if (container !== undefined) container.image = 'of another planner';
  expect(childIsCurrent(changed, planned('1'))).toBe(true);
  expect(childIsCurrent(changed, planned('1', { threads: 1 }, 3))).toBe(false);
});

it('one that was planned from other inputs is not, whoever planned it', () => {
  expect(childIsCurrent(live(), planned('1', { threads: 2 }))).toBe(false);
  expect(childIsCurrent(live(planned('0')), planned('1', { threads: 2 }))).toBe(false);
});

it.each([
  ['0.009', '9m'],
  ['2.3', '2300m'],
  ['1024Ti', '1Pi'],
  ['1.5Gi', '1536Mi'],
  ['2000T', '2P'],
])('%s is not applied over and over where the API server writes %s', (written, shown) => {
  const withStorage = (storage: string) => ({ metadata: {}, spec: { resources: { requests: { storage } } } });
  expect(childIsCurrent(withStorage(shown), withStorage(written))).toBe(true);
  expect(childIsCurrent(withStorage('10Mi'), withStorage(written))).toBe(false);
});
