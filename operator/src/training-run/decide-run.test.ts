import { describe, expect, it } from 'vitest';
import type { RunProgress } from '@grm/protocol';
import { decideRun } from './decide-run.ts';
import type { RunAction } from './run-action.ts';
import type { RunFacts } from './run-facts.ts';
import { CLEANUP_FINALIZER } from './training-run-object.ts';
import { at, deployment, facts, job, jobCondition, pod, progress, run, runningPod, time } from './testing/facts.fixture.ts';

const kinds = (given: RunFacts): RunAction['kind'][] => decideRun(given).actions.map(({ kind }) => kind);
const goalOf = (given: RunFacts) => decideRun(given).goal;
const started = { jobName: 'grm-nano-trainer', startedAt: time(1) } as const;
const requested = { suspension: { requestedAt: time(10), acknowledged: false } } as const;
const suspendedProgress: RunProgress = { phase: 'Suspended', stages: [], updatedAt: time(20) };

describe('a run that was just created', () => {
  it('gets its finalizer before anything that deletion has to take away', () => {
    expect(kinds(facts({ run: run({ finalizers: [] }) }))).toEqual(['add-finalizer', 'apply-ground', 'create-job']);
    expect(kinds(facts())).toEqual(['apply-ground', 'create-job']);
  });

  it('with samplers of its own has their queue first', () => {
    expect(kinds(facts({ wishes: { rolloutReplicas: 2 } }))).toEqual(['provision-rollouts', 'apply-rollouts', 'apply-ground', 'create-job']);
  });

  it('in a queue has no samplers before Kueue admits it, and starts nothing by itself', () => {
    const queued = { queueName: 'gpus', rolloutReplicas: 2 };
    expect(kinds(facts({ wishes: queued }))).toEqual(['apply-ground', 'create-job']);
    expect(kinds(facts({ wishes: queued, job: job({}, { suspend: true }) }))).toEqual(['apply-ground']);
    expect(kinds(facts({ wishes: queued, job: job() }))).toEqual(['provision-rollouts', 'apply-rollouts', 'apply-ground']);
    expect(kinds(facts({ wishes: queued, job: job({}, { suspend: true }), rollouts: deployment() }))).toEqual(['delete-rollouts', 'apply-ground']);
  });

  it.each([
    [{ kind: 'missing', name: 'base' }, 'RunNotFound'],
    [{ kind: 'waiting', name: 'base', phase: 'Running' }, 'WaitingForRun'],
    [{ kind: 'failed', name: 'base', message: 'x' }, 'RunFailed'],
  ] as const)('waits for the run that it starts from: %o', (base, reason) => {
    expect(decideRun(facts({ base }))).toMatchObject({ goal: { kind: 'held', hold: { reason } }, actions: [] });
    expect(goalOf(facts({ base: { kind: 'ready', name: 'base', policy: 'nats://grm-models/x' } })).kind).toBe('run');
    // One that has started has its base already.
    expect(goalOf(facts({ base, job: job(), status: started })).kind).toBe('run');
  });

  it('and is not understood is left alone', () => {
    expect(decideRun(facts({ spec: { kind: 'invalid', message: 'stages: unknown field' } }))).toEqual({
      goal: { kind: 'held', hold: { reason: 'InvalidSpec', message: 'stages: unknown field' } },
      actions: [],
    });
  });
});

describe('a Job', () => {
  it('that runs is left alone, whatever it was made from', () => {
    expect(kinds(facts({ job: job(), jobIsOutdated: true, pods: [runningPod()], status: started }))).toEqual(['apply-ground']);
    expect(decideRun(facts({ job: job() })).actions).toEqual([{ kind: 'apply-ground', manifest: 'keep' }]);
  });

  it('that nothing runs of is made anew before it starts, when it is outdated', () => {
    expect(kinds(facts({ job: job({}, { suspend: true }), jobIsOutdated: true }))).toEqual(['delete-job']);
    expect(kinds(facts({ job: job({}, { suspend: true }), jobIsOutdated: false }))).toEqual(['apply-ground', 'unsuspend-job']);
  });

  it('that is being deleted is waited for', () => {
    expect(kinds(facts({ job: job({}, { deletionTimestamp: time(9) }) }))).toEqual([]);
  });
});

describe('suspending', () => {
  const wished = { wishes: { suspend: true } } as const;
  const running = { job: job(), pods: [runningPod()], status: started };
  const late = { ...wished, ...running, now: at(10 + 120), status: { ...started, ...requested } };

  it('asks the trainer first, for as long as it may take', () => {
    expect(decideRun(facts({ ...wished, ...running }))).toEqual({ goal: { kind: 'suspend', stage: 'ask' }, actions: [{ kind: 'ask-to-suspend', waitMs: 120_000 }], afterSeconds: 120 });
  });

  it('asks anew for the rest of the time when the process that asked is gone', () => {
    expect(decideRun(facts({ ...wished, ...running, now: at(70), status: { ...started, ...requested } })).actions).toEqual([{ kind: 'ask-to-suspend', waitMs: 60_000 }]);
  });

  it.each([
    ['waits for the answer', { suspendCall: { kind: 'pending' } }, 'wait', []],
    ['stops the Job when the trainer has saved', { suspendCall: { kind: 'done', value: { kind: 'suspended', progress: suspendedProgress } } }, 'stop', ['suspend-job']],
    ['stops the Job when no trainer listens', { suspendCall: { kind: 'done', value: { kind: 'nobody' } } }, 'stop', ['suspend-job']],
    ['stops the Job when the trainer is late', { suspendCall: { kind: 'done', value: { kind: 'late' } } }, 'stop', ['suspend-job']],
    ['stops the Job when NATS is away', { suspendCall: { kind: 'failed', error: new Error('NATS is away') } }, 'stop', ['suspend-job']],
    ['waits for a run that came to its end first', { suspendCall: { kind: 'done', value: { kind: 'suspended', progress: { ...suspendedProgress, phase: 'Complete' } } } }, 'wait', []],
    ['stops a Job that has no pod at once', { pods: [] }, 'stop', ['suspend-job']],
  ] as const)('%s', (_, change, stage, actions) => {
    const decision = decideRun(facts({ ...wished, ...running, status: { ...started, ...requested }, ...change }));
    expect(decision.goal).toEqual({ kind: 'suspend', stage });
    expect(decision.actions.map(({ kind }) => kind)).toEqual(actions);
  });

  it('stops the Job at the deadline, whatever the trainer does', () => {
    expect(kinds(facts({ ...late, suspendCall: { kind: 'pending' } }))).toEqual(['suspend-job']);
  });

  it('waits for the pods to end, and then nothing of the run is left running, its samplers neither', () => {
    const stopped = { ...wished, status: { ...started, ...requested }, job: job({ terminating: 1 }, { suspend: true }) };
    expect(goalOf(facts({ ...stopped, pods: [runningPod()] }))).toEqual({ kind: 'suspend', stage: 'end' });
    expect(goalOf(facts(stopped))).toEqual({ kind: 'suspend', stage: 'end' });
    const rest = facts({ ...stopped, job: job({}, { suspend: true }), rollouts: deployment() });
    expect(goalOf(rest)).toEqual({ kind: 'suspend', stage: 'rest' });
    expect(kinds(rest)).toEqual(['delete-rollouts', 'remove-rollout-topology']);
  });

  it('deletes the Job of a queue, so that its quota is released', () => {
    const queued = { ...running, wishes: { suspend: true, queueName: 'gpus' }, status: { ...started, ...requested } };
    expect(kinds(facts({ ...queued, suspendCall: { kind: 'done', value: { kind: 'nobody' } } }))).toEqual(['delete-job']);
    expect(kinds(facts({ ...queued, job: job({}, { suspend: true }), pods: [] }))).toEqual(['delete-job']);
    expect(goalOf(facts({ ...queued, job: job({}, { deletionTimestamp: time(9) }) }))).toEqual({ kind: 'suspend', stage: 'end' });
    expect(goalOf(facts({ ...queued, job: undefined, pods: [] }))).toEqual({ kind: 'suspend', stage: 'rest' });
  });

  it('a run that has not started makes nothing', () => {
    expect(decideRun(facts(wished))).toEqual({ goal: { kind: 'suspend', stage: 'rest' }, actions: [] });
  });

  it('that nobody wants any more is brought to its end first', () => {
    expect(goalOf(facts({ ...running, status: { ...started, ...requested }, suspendCall: { kind: 'pending' } }))).toEqual({ kind: 'suspend', stage: 'wait' });
  });
});

describe('resuming', () => {
  const stopped = { status: { ...started, ...requested }, job: job({}, { suspend: true }) };

  it('is written down before the Job starts, so that a crash in between does not suspend it again', () => {
    expect(decideRun(facts(stopped))).toEqual({ goal: { kind: 'resume' }, actions: [{ kind: 'forget-suspend-call' }], afterSeconds: 0 });
    expect(kinds(facts({ ...stopped, status: started }))).toEqual(['apply-ground', 'unsuspend-job']);
  });

  it('makes the Job of a queue anew', () => {
    expect(kinds(facts({ status: started, wishes: { queueName: 'gpus' } }))).toEqual(['apply-ground', 'create-job']);
  });
});

describe('a trainer', () => {
  const running = { job: job(), pods: [runningPod(3)], status: started };
  const silent = (change: Partial<RunFacts>) => decideRun(facts({ ...running, progress: progress({}, 5), ...change }));

  it('that is silent is evicted at the deadline, and not before', () => {
    expect(silent({ now: at(5 + 299) })).toMatchObject({ actions: [{ kind: 'apply-ground' }], afterSeconds: 1 });
    expect(silent({ now: at(5 + 300) }).actions[1]).toMatchObject({ kind: 'evict-trainer', silentSeconds: 300 });
  });

  it.each<[string, Partial<RunFacts>, boolean]>([
    ['it may speak again since then', { progress: progress({}, 200), now: at(400) }, false],
    ['never said anything', { progress: { kind: 'none', listeningSince: at(-100) }, now: at(303) }, true],
    ['has just been started again', { pods: [runningPod(390)], now: at(400) }, false],
    ['is not started yet', { pods: [pod()], now: at(400) }, false],
    ['ends already', { pods: [{ ...runningPod(), metadata: { ...runningPod().metadata, deletionTimestamp: time(390) } }], now: at(400) }, false],
    ['could not be heard, NATS having been away', { progress: { ...progress({}, 5), listeningSince: at(350) } as RunFacts['progress'], now: at(400) }, false],
    ['cannot be heard, NATS being away', { progress: { kind: 'unavailable', since: at(6) }, now: at(400) }, false],
  ])('that %s: %o -> evicted %s', (_, change, evicted) => {
    expect(silent(change).actions.some(({ kind }) => kind === 'evict-trainer')).toBe(evicted);
  });

  it('is never evicted where no deadline is set', () => {
    expect(kinds(facts({ ...running, progress: progress({}, 5), now: at(10_000), wishes: { heartbeatDeadlineSeconds: 0 } }))).toEqual(['apply-ground']);
  });

  it('on a node that does not answer is given up half a minute after its grace', () => {
    const ending = (seconds: number) => facts({ ...running, pods: [{ ...runningPod(), metadata: { ...runningPod().metadata, deletionTimestamp: time(100) } }], now: at(seconds) });
    expect(decideRun(ending(129))).toMatchObject({ actions: [{ kind: 'apply-ground' }], afterSeconds: 1 });
    expect(kinds(ending(130))).toEqual(['apply-ground', 'release-lost-pod']);
  });
});

describe('a run that has ended', () => {
  const ended = job({ conditions: [jobCondition('Complete', 'CompletionsReached')], completionTime: time(50) });

  it.each([
    ['Complete', 'CompletionsReached', { kind: 'complete', at: time(50) }],
    ['Failed', 'BackoffLimitExceeded', { kind: 'failed', reason: 'BackoffLimitExceeded' }],
    ['Failed', 'DeadlineExceeded', { kind: 'failed', reason: 'DeadlineExceeded' }],
    ['Failed', 'PodFailurePolicy', { kind: 'failed', reason: 'InvalidRun' }],
    ['Failed', 'SomethingNew', { kind: 'failed', reason: 'TrainerFailed' }],
  ])('as its Job says: %s, %s', (type, reason, end) => {
    expect(goalOf(facts({ status: started, job: job({ conditions: [jobCondition(type, reason)], completionTime: time(50) }) }))).toMatchObject({ kind: 'finished', end });
  });

  it('has not while its pods still end', () => {
    for (const type of ['FailureTarget', 'SuccessCriteriaMet']) expect(goalOf(facts({ status: started, job: job({ conditions: [jobCondition(type, 'x')] }) })).kind).toBe('run');
  });

  it('stays so without its Job, and whatever its spec says then', () => {
    const status = { ...started, finishedAt: time(50), conditions: [{ ...jobCondition('Failed', 'DeadlineExceeded', 'too long'), lastTransitionTime: time(50) }] };
    expect(decideRun(facts({ status, wishes: { suspend: true } }))).toEqual({
      goal: { kind: 'finished', end: { kind: 'failed', at: time(50), reason: 'DeadlineExceeded', message: 'too long' } },
      actions: [],
    });
  });

  it('gives up its samplers, and keeps its Job for its log', () => {
    expect(kinds(facts({ status: started, job: ended, rollouts: deployment() }))).toEqual(['delete-rollouts', 'remove-rollout-topology']);
  });

  it('is deleted when its time is over', () => {
    const kept = { status: started, job: ended, wishes: { ttlSecondsAfterFinished: 60 } };
    expect(decideRun(facts({ ...kept, now: at(100) }))).toMatchObject({ actions: [], afterSeconds: 10 });
    expect(kinds(facts({ ...kept, now: at(110) }))).toEqual(['delete-run']);
    expect(kinds(facts({ ...kept, now: at(1e6), wishes: {} }))).toEqual([]);
  });
});

describe('a run that is deleted', () => {
  const going = { run: run({ deletionTimestamp: time(9) }), status: started };

  it('releases its GPUs first', () => {
    expect(kinds(facts({ ...going, job: job(), rollouts: deployment(), pods: [runningPod()] }))).toEqual(['delete-job', 'delete-rollouts']);
  });

  it('waits for its pods, within bounds', () => {
    const ending = { ...going, pods: [{ ...runningPod(), metadata: { ...runningPod().metadata, deletionTimestamp: time(100) } }] };
    expect(kinds(facts({ ...ending, now: at(129) }))).toEqual([]);
    expect(kinds(facts({ ...ending, now: at(131) }))).toEqual(['release-lost-pod']);
  });

  it.each<[RunFacts['cleanUp'], RunAction[]]>([
    [{ kind: 'none' }, [{ kind: 'clean-up' }]],
    [{ kind: 'pending' }, []],
    [{ kind: 'done', value: undefined }, [{ kind: 'remove-finalizer' }]],
    [{ kind: 'failed', error: new Error('its progress (NATS is away)') }, [{ kind: 'remove-finalizer', left: 'its progress (NATS is away)' }]],
  ])('cleans up then, and goes whatever comes of it: %o', (cleanUp, actions) => {
    expect(decideRun(facts({ ...going, cleanUp })).actions).toEqual(actions);
  });

  it('goes at once when it never started, or when that is asked for', () => {
    expect(kinds(facts({ ...going, status: {} }))).toEqual(['remove-finalizer']);
    const forced = run({ deletionTimestamp: time(9), annotations: { 'grm.dev/force-delete': 'true' }, finalizers: [CLEANUP_FINALIZER] });
    expect(kinds(facts({ ...going, run: forced, job: job(), pods: [runningPod()] }))).toEqual(['remove-finalizer']);
  });

  it('is nobody of ours any more without our finalizer', () => {
    expect(kinds(facts({ ...going, run: run({ deletionTimestamp: time(9), finalizers: ['theirs'] }), job: job() }))).toEqual([]);
  });
});
