import type { GRMTrainingRun } from '@grm/resources';
import { metadataOf, selectorOf } from './component.ts';
import type { Deployment } from './kubernetes-objects.ts';
import { podTemplate } from './pod-template.ts';
import type { Site } from './site.ts';

/**
 * Samplers that draw a run's judgements; none where the trainer draws them itself. They get the policy's weights from the trainer, so they mount
 * nothing. Whoever applies them ends them with the run.
 */
export function planRolloutSamplers(run: GRMTrainingRun, site: Site): Deployment[] {
  const { replicas, threads } = run.spec.rollouts;
  if (replicas === 0) return [];
  const selector = selectorOf(run, 'rollouts');
  return [
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: metadataOf(run, 'rollouts'),
      spec: {
        replicas,
        selector: { matchLabels: selector },
        // On scarce machines, as a service's: replaced one by one in place.
        strategy: { type: 'RollingUpdate', rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
        template: podTemplate({
          resource: run,
          component: 'rollouts',
          site,
          environment: { GRM_NAMESPACE: run.metadata.namespace, GRM_RUN_NAME: run.metadata.name, GRM_ENGINE_THREADS: String(threads) },
          cores: threads,
          memory: '1Gi',
          places: [],
          restartPolicy: 'Always',
          drainSeconds: 50,
        }),
      },
    },
  ];
}
