import { nodeStages } from './node-stages.ts';
import { podAnnotations } from './pod-annotations.ts';
import { podStages } from './pod-stages.ts';
import { stageDocument } from './stage.ts';
import { volumeStages } from './volume-stages.ts';

/** kwok keeps the nodes alive that have this label. */
export const heartbeatLabel = { name: 'fake.node/heartbeat', value: 'true' } as const;

/** Lease of a fake node, s: kwok renews it four times as often. */
const leaseSeconds = 8;

/** Text of kwok's configuration file: JSON documents, which are YAML. */
export function kwokConfiguration(): string {
  const own = {
    apiVersion: 'config.kwok.x-k8s.io/v1alpha1',
    kind: 'KwokConfiguration',
    options: {
      cidr: '10.244.0.0/16',
      manageNodesWithLabelSelector: `${heartbeatLabel.name}=${heartbeatLabel.value}`,
      disregardStatusWithAnnotationSelector: `${podAnnotations.behaviour}=by-hand`,
      nodeLeaseDurationSeconds: leaseSeconds,
      podPlayStageParallelism: 16,
      nodePlayStageParallelism: 16,
      nodeLeaseParallelism: 16,
      podsOnNodeSyncParallelism: 16,
    },
  };
  return [own, ...[...nodeStages, ...podStages, ...volumeStages].map(stageDocument)].map((document) => `${JSON.stringify(document)}\n`).join('---\n');
}
