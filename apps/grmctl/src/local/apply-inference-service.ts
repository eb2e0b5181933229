import type { GRMInferenceService } from '@grm/resources';
import { connectNats, ensureTopology } from '@grm/service-kit';
import { planWorkloads, type Site } from '@grm/workloads';
import type { RunEnd } from './apply-training-run.ts';
import { processesOf } from './processes-of.ts';
import type { ProcessPool } from './process-pool.ts';
import type { ResourceSituation } from './resource-situation.ts';

export interface ServiceSituation extends ResourceSituation {
  readonly pool: ProcessPool;
  readonly site: Site;
  /** The run of a name that the service takes its model from; undefined when nobody applied it here. */
  readonly runOf: (name: string) => AwaitedRun | undefined;
}

export interface AwaitedRun {
  readonly key: string;
  readonly end: Promise<RunEnd>;
}

/**
 * Provisions a service's streams and starts its processes, after the run that it serves is complete. Where that is
 * suspended nothing changes: applying the run again applies the service again.
 */
export async function applyInferenceService(service: GRMInferenceService, situation: ServiceSituation): Promise<void> {
  const { pool, site, owner, programs, config, node, report, signal } = situation;
  const runs = await waitForRuns(service, situation);
  if (runs.state === 'suspended') {
    report('Waiting', `needs GRMTrainingRun ${runs.name}, which is suspended`, runs.key);
    return;
  }
  report('Starting');
  const { revision } = runs;
  const processes = processesOf(planWorkloads(service, site), { owner, programs, config, node, ...(revision === undefined ? {} : { revision }) });
  const { namespace, name } = service.metadata;
  const connection = await connectNats({ servers: [site.natsUrl], name: 'grmctl local' });
  try {
    await ensureTopology(connection, { namespace, service: name, limits: service.spec.limits });
  } finally {
    await connection.close();
  }
  signal.throwIfAborted();
  await pool.set(owner, processes);
}

type AwaitedRuns = { readonly state: 'complete'; readonly revision?: string } | { readonly state: 'suspended'; readonly name: string; readonly key: string };

async function waitForRuns(service: GRMInferenceService, { runOf, report }: ServiceSituation): Promise<AwaitedRuns> {
  const sources = [service.spec.model, service.spec.metaRM?.model];
  const runs = sources.flatMap((source) => (source !== undefined && 'trainingRun' in source ? [source.trainingRun.name] : []));
  const digests: string[] = [];
  for (const name of new Set(runs)) {
    const run = runOf(name);
    // A run that nobody applied here may have left its artefacts before: resolving them says so if not.
    if (run === undefined) continue;
    report('Waiting', `needs GRMTrainingRun ${name}`);
    const end = await run.end.catch((cause: unknown) => {
      throw new Error(`GRMTrainingRun ${name}, whose model it serves, failed`, { cause });
    });
    if (end.state === 'suspended') return { state: 'suspended', name, key: run.key };
    digests.push(end.digest);
  }
  return { state: 'complete', ...(digests.length === 0 ? {} : { revision: digests.join(' ') }) };
}
