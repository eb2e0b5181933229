import { isTrue } from '@grm/controller-runtime';
import { Gauge, type Registry } from 'prom-client';
import type { InferenceServiceObject } from './inference-service-object.ts';

/** Gauges of all services, read from their status whenever they are scraped. */
export function registerInferenceServiceMetrics(registry: Registry, services: () => readonly InferenceServiceObject[]): void {
  const of = ({ metadata }: InferenceServiceObject) => ({ namespace: metadata.namespace ?? '', name: metadata.name });
  const gauge = (name: string, help: string, extra: readonly string[], collect: (gauge: Gauge) => void) => {
    new Gauge({
      name,
      help,
      labelNames: ['namespace', 'name', ...extra],
      registers: [registry],
      collect() {
        this.reset();
        collect(this);
      },
    });
  };
  gauge('grm_inference_service_ready', 'Whether a service answers', [], (ready) => {
    for (const service of services()) ready.set(of(service), isTrue(service.status?.conditions, 'Ready') ? 1 : 0);
  });
  gauge('grm_inference_service_backlog_samples', 'Samples that wait or are being drawn, of services that are scaled by them', [], (backlog) => {
    for (const service of services()) {
      const samples = service.status?.scaling?.backlog;
      if (samples !== undefined) backlog.set(of(service), samples);
    }
  });
  gauge('grm_inference_service_samples_per_second', 'Samples a second that one busy sampler draws', [], (rate) => {
    for (const service of services()) {
      const measured = service.status?.sampler?.samplesPerSecond;
      if (measured !== undefined) rate.set(of(service), measured);
    }
  });
  gauge('grm_inference_service_replicas', 'Replicas by component, wanted and ready', ['component', 'state'], (replicas) => {
    for (const service of services()) {
      const { sampler, metaRM, voter } = service.status ?? {};
      for (const [component, counts] of Object.entries({ sampler, 'meta-rm': metaRM, voter })) {
        if (counts === undefined) continue;
        replicas.set({ ...of(service), component, state: 'wanted' }, counts.replicas);
        replicas.set({ ...of(service), component, state: 'ready' }, counts.ready);
      }
    }
  });
  gauge('grm_inference_service_rollout_held', 'Services whose roll-out does not move, by why', ['reason'], (held) => {
    for (const service of services()) {
      const hold = service.status?.rollout?.hold;
      if (hold !== undefined) held.set({ ...of(service), reason: hold.reason }, 1);
    }
  });
}
