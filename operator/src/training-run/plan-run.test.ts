import { type GRMTrainingRun, parseResource } from '@grm/resources';
import { hasSamePlan } from '@grm/workloads';
import { expect, it } from 'vitest';
import { planRun } from './plan-run.ts';
import { site } from './testing/site.fixture.ts';

function run(spec: object = {}): GRMTrainingRun {
  const metadata = { name: 'nano', namespace: 'team' };
  const whole = { base: { builtin: 'nano-base' }, data: [{ name: 'pairs', builtin: 'nanobench' }], stages: { rft: {} }, ...spec };
  const result = parseResource({ apiVersion: 'grm.dev/v1alpha1', kind: 'GRMTrainingRun', metadata, spec: whole }, 'cluster');
  if (!result.ok || result.resource.kind !== 'GRMTrainingRun') throw new Error(JSON.stringify(result));
  return result.resource;
}
const planned = (spec?: object, planner = '1', image = site.image) => planRun(run(spec), { site: { ...site, image }, planner });

it.each([{ suspend: true }, { ttlSecondsAfterFinished: 5 }, { heartbeatDeadlineSeconds: 60 }, { suspendDeadlineSeconds: 5 }])('what the operator alone follows makes no other Job: %o', (spec) => {
  expect(hasSamePlan(planned().job, planned(spec).job)).toBe(true);
});

it('another spec or image does, another version of the operator does not', () => {
  expect(hasSamePlan(planned().job, planned({ backoffLimit: 7 }).job)).toBe(false);
  expect(hasSamePlan(planned().job, planned({}, '1', 'grm:next').job)).toBe(false);
  expect(hasSamePlan(planned().job, planned({}, '2').job)).toBe(true);
});

it('a Job of a queue is not to start by itself', () => {
  expect(planned({ queueName: 'gpus' }).job.spec.suspend).toBe(true);
  expect(planned().job.spec.suspend).toBe(false);
});

it('the manifest names the policy of another run where it lies, and is planned before that is known', () => {
  const base = run({ base: { trainingRun: { name: 'first' } } });
  const textOf = (basePolicy?: string): string => JSON.stringify(planRun(base, { site, planner: '1', ...(basePolicy === undefined ? {} : { basePolicy }) }).manifest);
  expect(textOf('nats://grm-models/team.first/policy#sha256:ab')).toContain('nats://grm-models/team.first/policy#sha256:ab');
  expect(textOf()).not.toContain('nats://');
});
