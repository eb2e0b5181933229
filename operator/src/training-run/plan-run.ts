import type { GRMTrainingRun } from '@grm/resources';
import { networkPolicy, planRunStorage, planTrainingRun, type Site, stamped } from '@grm/workloads';
import type { PlannedRun } from './planned-run.ts';

export interface PlanRunOptions {
  readonly site: Site;
  /** Version of the planner: what another one made from the same spec is left alone. */
  readonly planner: string;
  /** Where the policy lies that the run starts from, where that is another run's. */
  readonly basePolicy?: string;
}

/** In place of a policy that is not there yet: such a plan has the right names, and is not applied. */
const UNKNOWN = 'unknown';

/** The children of a run, ready to be applied. */
export function planRun(run: GRMTrainingRun, { site, planner, basePolicy }: PlanRunOptions): PlannedRun {
  const found: Site = { ...site, resolve: (reference) => (reference.kind === 'artifact' ? { path: basePolicy ?? UNKNOWN } : site.resolve(reference)) };
  // What only the operator follows makes no other child.
  const { suspend: _suspend, suspendDeadlineSeconds: _saving, heartbeatDeadlineSeconds: _silence, ttlSecondsAfterFinished: _kept, queueName, ...spec } = run.spec;
  const stamp = <T extends Parameters<typeof stamped>[0]>(object: T): T => stamped(object, { spec, queueName, image: site.image, pods: site.pods }, planner);
  const objects = planTrainingRun(run, found);
  const manifest = objects.find((object) => object.kind === 'ConfigMap');
  const job = objects.find((object) => object.kind === 'Job');
  if (manifest === undefined || job === undefined) throw new Error('a run is planned without its manifest or its Job');
  return {
    manifest: stamp(manifest),
    ground: [planRunStorage(run, site.storageClass), networkPolicy(run, 'trainer', site)].map(stamp),
    // Kueue lets it go on when there is room.
    job: stamp({ ...job, spec: { ...job.spec, suspend: queueName !== undefined } }),
    rollouts: objects.filter((object) => object.kind === 'Deployment').map(stamp),
  };
}
