import type { KubernetesObject } from '@grm/controller-runtime';
import type { GRMInferenceService } from '@grm/resources';
import { planCandidate, planGate, planServiceRevision, planServiceSurroundings, planVoters, type Site, stamped } from '@grm/workloads';
import type { RolloutStep } from './rollout/rollout-step.ts';

export interface PlannedChildren {
  /** What is applied. */
  readonly children: readonly KubernetesObject[];
  /** Workers of revisions that the spec does not ask for any more: only their number is ours to say, what they are was said by an earlier spec. */
  readonly scaled: readonly { readonly revision: string; readonly sampler: number; readonly metaRM: number | undefined }[];
}

/** Version of the planner, counted up whenever it plans anything else: objects that another one made from the same inputs are left as they are. */
export const PLANNER = '2';

/** The children that a step of the roll-out asks for. */
export function planChildren(service: GRMInferenceService, site: Site, step: RolloutStep, desired: string): PlannedChildren {
  const inputs = inputsOf(service, site);
  const stamp = (objects: readonly Parameters<typeof stamped>[0][]) => objects.map((object) => stamped(object, inputs, PLANNER) as unknown as KubernetesObject);
  const own = step.revisions.find(({ name }) => name === desired);
  const workers = own === undefined ? [] : planServiceRevision(service, site, { name: desired, sampler: own.size.sampler, ...(own.size.metaRM === undefined ? {} : { metaRM: own.size.metaRM }) });
  const gated = step.gate === undefined ? [] : [...planCandidate(service, site, step.gate), ...planGate(service, site, step.gate, step.serving)];
  return {
    children: [...stamp(planServiceSurroundings(service, site)), ...stamp(workers), ...(step.voter === undefined ? [] : stamp([planVoters(service, site, step.voter)])), ...stamp(gated)],
    scaled: step.revisions.filter(({ name }) => name !== desired).map(({ name, size }) => ({ revision: name, sampler: size.sampler, metaRM: size.metaRM })),
  };
}

/** All that a user or an admin has said that pods are made of. Numbers and roll-outs are not. */
function inputsOf({ metadata, spec }: GRMInferenceService, { image, natsUrl, logLevel, telemetryEndpoint, imagePullSecrets, nats, pods }: Site): unknown {
  const { rollout, sampler, metaRM, voter, ...rest } = spec;
  const { replicas: _samplers, autoscaling: _scaled, ...samplerRest } = sampler;
  const { replicas: _metaRMs, autoscaling: _alsoScaled, ...metaRMRest } = metaRM ?? {};
  const { replicas: _voters, ...voterRest } = voter;
  const bounds = rollout === undefined ? undefined : { maxSurge: rollout.maxSurge, maxUnavailable: rollout.maxUnavailable, gate: rollout.gate };
  return [metadata.labels, rest, bounds, samplerRest, metaRMRest, voterRest, image, natsUrl, logLevel, telemetryEndpoint, imagePullSecrets, nats, pods];
}
