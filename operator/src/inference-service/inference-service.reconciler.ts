import { addFinalizer, after, type ApiClient, type Clock, conditionsOf, done, type EventFact, type EventRecorder, hasFinalizer, isNotFound, keyOf, keyText, type ObjectKey, type Result } from '@grm/controller-runtime';
import type { GRMInferenceServiceStatus } from '@grm/resources';
import type { ChildCache } from '../children/child-cache.ts';
import type { OperatorInformers } from '../children/operator-informers.ts';
import type { OperatorConfiguration } from '../configuration/operator-configuration.ts';
import type { ServiceNats } from '../nats/service-nats.ts';
import type { NatsUsers } from '../nats/users/nats-users.ts';
import { usersOfService } from '../nats/users/users-of-service.ts';
import { patchStatus } from '../status/patch-status.ts';
import { CLEANUP_FINALIZER } from '../training-run/training-run-object.ts';
import { carryOut } from './carry-out.ts';
import { clusterSite } from '../site/cluster-site.ts';
import { decideService } from './decide-service.ts';
import { deleteService } from './delete-service.ts';
import type { FieldConflict } from './field-conflict.ts';
import { gather } from './gather.ts';
import { type InferenceServiceObject, inferenceServices } from './inference-service-object.ts';
import type { ResolvedModel } from './model/resolved-model.ts';
import { resolveModel } from './model/resolve-model.ts';
import { parseService } from './parse-service.ts';
import type { ServiceScalingMemory } from './scaling/service-scaling.ts';
import { eventsOfChange } from './service-events.ts';
import type { ServiceFacts } from './service-facts.ts';
import { inferenceServiceStatus } from './status/inference-service-status.ts';

export interface InferenceServiceReconcilerOptions {
  readonly client: ApiClient;
  readonly informers: OperatorInformers;
  readonly cache: ChildCache;
  readonly nats: ServiceNats;
  readonly events: Pick<EventRecorder, 'record'>;
  readonly configuration: Pick<OperatorConfiguration, 'services' | 'scalingPeriodSeconds'>;
  readonly clock: Clock;
  /** Gives pods NATS users of their own; absent: they connect as everybody does. */
  readonly users?: Pick<NatsUsers, 'ensure'>;
}

/** While a roll-out moves, what NATS alone knows is asked for this often, s. */
const ROLLING_SECONDS = 1;
/** What is not known now is asked for again after, s. */
const UNKNOWN_SECONDS = 5;

export class InferenceServiceReconciler {
  readonly #options: InferenceServiceReconcilerOptions;
  readonly #scaling = new Map<string, ServiceScalingMemory>();

  constructor(options: InferenceServiceReconcilerOptions) {
    this.#options = options;
  }

  async reconcile(key: ObjectKey): Promise<Result> {
    const { informers, cache } = this.#options;
    const object = informers.services.store.get(key);
    if (object === undefined) {
      this.#scaling.delete(keyText(key));
      return done;
    }
    if (object.metadata.deletionTimestamp !== undefined) return this.#delete(object);
    const parsed = parseService(object);
    if (parsed.kind === 'invalid') return this.#refuse(object, parsed.message);
    const stale = cache.staleFor(key);
    if (stale !== undefined) return after(stale);
    const { client, nats, configuration, clock } = this.#options;
    // Before anything is made that has to be cleaned up.
    const kept = await addFinalizer(client, inferenceServices, object, CLEANUP_FINALIZER);
    informers.services.observe(kept);
    const facts = await gather(kept, parsed.service, { informers, nats, image: configuration.services.image, now: clock.now() });
    const decision = decideService(facts, this.#scaling.get(keyText(key)) ?? {});
    if (decision.scaling !== undefined) this.#scaling.set(keyText(key), decision.scaling.memory);
    const { step, desired } = decision;
    const conflicts: FieldConflict[] = [];
    if (step !== undefined && desired !== undefined) {
      const site = this.#site(facts);
      // Pods that come find their user there.
      await this.#options.users?.ensure(kept, parsed.service, usersOfService(parsed.service, modelUris(facts)));
      conflicts.push(...(await carryOut(kept, parsed.service, step, desired, { client, informers, cache, site })));
      // A revision that has gone leaves nothing in NATS; what cannot be removed now is found by the service's own end.
      for (const revision of step.remove) await nats.removeRevision({ ...addressOf(facts), revision }).catch(() => undefined);
    }
    await this.#report(kept, inferenceServiceStatus({ facts, ...decision, conflicts }));
    return this.#next(facts, decision);
  }

  /** What the spec's models are: while they are not there, what serves is left as it is. */
  #site({ image, service }: ServiceFacts): ReturnType<typeof clusterSite> {
    const { configuration, informers } = this.#options;
    const { namespace } = service.metadata;
    const artifact = (run: string, kind: 'policy' | 'metaRM'): ResolvedModel => {
      const found = resolveModel({ trainingRun: { name: run } }, kind, (name) => informers.runs.store.get({ namespace, name }));
      if (found.state !== 'Resolved') throw new Error(found.message);
      return found.model;
    };
    return clusterSite({ image, services: configuration.services, credentials: this.#options.users !== undefined, artifact });
  }

  #next({ nats, service, now }: ServiceFacts, { step }: ReturnType<typeof decideService>): Result {
    const { scalingPeriodSeconds } = this.#options.configuration;
    const scaled = service.spec.sampler.autoscaling !== undefined || service.spec.metaRM?.autoscaling !== undefined;
    const times = [
      ...(scaled ? [scalingPeriodSeconds] : []),
      // What the caches tell of needs no looking; drained queues and gates only NATS tells of.
      ...(step !== undefined && (step.phase === 'Retiring' || step.phase === 'Gating' || step.phase === 'Promoting' || step.phase === 'RollingBack') ? [ROLLING_SECONDS] : []),
      ...(step?.lookAgainAt === undefined ? [] : [Math.max(0.1, (step.lookAgainAt - now) / 1000)]),
      ...(!nats.connected || nats.problem !== undefined ? [UNKNOWN_SECONDS] : []),
    ];
    return times.length === 0 ? done : after(Math.min(...times));
  }

  async #report(object: InferenceServiceObject, status: GRMInferenceServiceStatus): Promise<void> {
    const { client, informers } = this.#options;
    try {
      const written = await patchStatus(client, inferenceServices, object, status);
      if (written === object) return;
      informers.services.observe(written);
      this.#tell(object, eventsOfChange(object.status ?? {}, status));
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  }

  #tell(object: InferenceServiceObject, events: readonly EventFact[]): void {
    for (const event of events) this.#options.events.record(object, event);
  }

  /** A spec that this operator does not understand: what runs is left alone. */
  async #refuse(object: InferenceServiceObject, message: string): Promise<Result> {
    const facts = [
      { type: 'ModelResolved', status: 'Unknown' as const, reason: 'InvalidSpec', message },
      { type: 'Ready', status: 'Unknown' as const, reason: 'InvalidSpec', message },
    ].map((fact) => ({ ...fact, observedGeneration: object.metadata.generation ?? 0 }));
    await this.#report(object, { ...object.status, conditions: conditionsOf(facts, object.status?.conditions, this.#options.clock.now()) });
    return done;
  }

  async #delete(object: InferenceServiceObject): Promise<Result> {
    if (!hasFinalizer(object, CLEANUP_FINALIZER)) return done;
    const { client, informers, nats, clock, events } = this.#options;
    const warn = (message: string) => events.record(object, { type: 'Warning', reason: 'CleanupFailed', message });
    const deletion = await deleteService(object, { client, informers, nats, now: clock.now(), warn });
    if (deletion.kind === 'gone') return done;
    const blocked = { type: 'DeletionBlocked', status: 'True' as const, reason: deletion.reason, message: deletion.message, observedGeneration: object.metadata.generation ?? 0 };
    const others = (object.status?.conditions ?? []).filter(({ type }) => type !== 'DeletionBlocked');
    await this.#report(object, { ...object.status, conditions: [...others, ...conditionsOf([blocked], object.status?.conditions, clock.now())] });
    return after(deletion.afterSeconds);
  }
}

const addressOf = ({ object }: ServiceFacts) => ({ namespace: keyOf(object).namespace, service: keyOf(object).name });

const modelUris = ({ desired }: ServiceFacts): string[] => (desired === undefined ? [] : [desired.policy.uri, ...(desired.metaRM === undefined ? [] : [desired.metaRM.uri])]);
