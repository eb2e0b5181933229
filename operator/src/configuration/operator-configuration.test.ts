import { usualPods } from '@grm/workloads';
import { expect, it } from 'vitest';
import { parseOperatorConfiguration } from './operator-configuration.ts';

const podsOf = (given: string | undefined) => parseOperatorConfiguration({ GRM_SERVICES_PODS: given }).services.pods;

it('takes a cluster with the device plugin as it comes, where nothing is said of pods', () => {
  expect(podsOf(undefined)).toEqual(usualPods);
});

it('takes what is said of pods, and the usual for the rest', () => {
  const gpuPool = { nodeLabel: 'node.kubernetes.io/instance-type', products: { 'NVIDIA-A100-SXM4-80GB': 'p4de.24xlarge' } };
  expect(podsOf(JSON.stringify({ labels: { team: 'a' }, gpuPool }))).toEqual({ ...usualPods, labels: { team: 'a' }, gpuPool: { ...usualPods.gpuPool, ...gpuPool } });
});

it.each([
  ['no JSON', /GRM_SERVICES_PODS.*expected JSON/u],
  ['{"nodeselector": {}}', /GRM_SERVICES_PODS.*nodeselector/u],
  ['{"labels": {"grm.dev/revision": "mine"}}', /labels: labels of app\.kubernetes\.io\/ and grm\.dev\/ are the operator's own/u],
  ['{"gpuPool": {"tolerations": [{"key": "gpu", "operator": "Is"}]}}', /gpuPool\.tolerations\.0\.operator/u],
])('refuses %s', (given, message) => {
  expect(() => podsOf(given)).toThrow(message);
});

it.each(['GRM_NATS_CERTIFICATE', 'GRM_NATS_KEY'])('refuses a client certificate of which there is only %s', (variable) => {
  expect(() => parseOperatorConfiguration({ [variable]: '/etc/file' })).toThrow(/must be set too/u);
});
