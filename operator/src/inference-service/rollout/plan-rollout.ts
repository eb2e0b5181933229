import { defined } from '../../objects/defined.ts';
import { type ComponentFacts, type FailedRollout, noWorkers, type RevisionFacts, type RolloutFacts, type Size } from './rollout-facts.ts';
import type { Hold, HoldReason, RolloutStep } from './rollout-step.ts';
import { judgeProgress } from './judge-progress.ts';
import { boundsOf, shareReplicas } from './share-replicas.ts';

/**
 * The next step of a service's roll-out, from what is there: a revision starts beside the serving one, is gated, takes over the voters
 * when it can carry at least half of the load, and the one before drains and goes. Which revision serves is what the voters' Deployment names.
 * Nothing is remembered but the revision that was given up, so an operator may die between any two steps.
 */
export function planRollout(facts: RolloutFacts): RolloutStep {
  const failed = standingFailure(facts);
  if (facts.voter === undefined) return failed === undefined ? start(facts) : givenUp(facts, failed);
  const serving = facts.voter.revision;
  if (serving === facts.desired) return settle(facts, serving, failed);
  if (failed !== undefined) return rollBack(facts, serving, failed);
  return replace(facts, serving);
}

/** A failure counts while the same revision is asked for under the same settings. */
function standingFailure({ failed, desired, settingsDigest }: RolloutFacts): FailedRollout | undefined {
  return failed !== undefined && failed.revision === desired && failed.settings === settingsDigest ? failed : undefined;
}

/** The first revision: nobody serves yet, so it may have all places at once. */
function start(facts: RolloutFacts): RolloutStep {
  const { desired, size } = facts;
  const candidate = revisionOf(facts, desired);
  const shares = others(facts, [desired]);
  const verdict = judgeProgress(facts, candidate);
  const whole = grown({ ...facts, size: atLeastOne(size) }, candidate, facts.revisions.filter(({ name }) => name !== desired));
  const leaving = shares.draining.map((name) => ({ name, size: nothing(size) }));
  const base = { candidate: desired, revisions: [{ name: desired, size: whole }, ...leaving], remove: shares.removable };
  switch (verdict.state) {
    case 'Failed':
      return givenUp(facts, failure(facts, verdict));
    case 'Waiting':
      return { ...base, phase: 'Starting', ...defined({ hold: verdict.hold, lookAgainAt: verdict.lookAgainAt }) };
    case 'Gating':
      return { ...base, phase: 'Gating', gate: desired, hold: verdict.hold, ...defined({ lookAgainAt: verdict.lookAgainAt }) };
    case 'Passed':
      return { ...base, phase: 'Promoting', serving: desired, voter: desired };
  }
}

/** Nothing serves and what is asked for was given up: its places are freed, and the reason stays. */
function givenUp(facts: RolloutFacts, failed: FailedRollout): RolloutStep {
  const { removable, draining } = others(facts, []);
  return { phase: draining.length > 0 ? 'RollingBack' : 'Stable', revisions: draining.map((name) => ({ name, size: nothing(facts.size) })), remove: removable, failed, hold: heldBy(failed) };
}

/** The revision asked for serves: the voters settle, the one before drains, then all places are the serving one's. */
function settle(facts: RolloutFacts, serving: string, failed: FailedRollout | undefined): RolloutStep {
  const { voter, size, revisions } = facts;
  const servingFacts = revisionOf(facts, serving);
  const before = revisions.filter(({ name }) => name !== serving);
  const previous = before.find((revision) => revision.sampler.wanted > 0);
  if (previous !== undefined && previous.sampler.ready > 0) {
    const verdict = judgeProgress({ ...facts, gate: { state: 'Passed', message: '' } }, servingFacts);
    if (verdict.state === 'Failed') return rollBack({ ...facts, voter: { revision: previous.name, settled: false, ready: 0 } }, previous.name, failure(facts, verdict));
  }
  const settled = voter?.settled ?? false;
  const kept = before.map((revision) => ({ revision, goes: settled && revision.drained === true }));
  const sizes = kept.map(({ revision, goes }) => ({ name: revision.name, size: goes ? nothing(size) : wantedOf(revision) }));
  const remove = kept.filter(({ revision, goes }) => goes && isEmpty(revision)).map(({ revision }) => revision.name);
  const revision = { name: serving, size: grown(facts, servingFacts, before) };
  const left = sizes.filter(({ name }) => !remove.includes(name));
  const waiting = kept.find(({ goes }) => !goes)?.revision;
  const hold: Hold | undefined = settled && waiting !== undefined ? { reason: 'WaitingForDrain', message: drainMessage(waiting) } : undefined;
  const phase = left.length === 0 ? 'Stable' : settled ? 'Retiring' : 'Promoting';
  return { phase, serving, voter: serving, revisions: [revision, ...left], remove, ...defined({ previous: left[0]?.name, hold, failed }) };
}

const drainMessage = ({ name, drained }: RevisionFacts): string =>
  drained === undefined ? `NATS does not say whether work of ${name} is left` : `work of ${name} is still being done`;

/** A new revision beside the serving one. */
function replace(facts: RolloutFacts, serving: string): RolloutStep {
  const { desired, size, settings } = facts;
  const old = revisionOf(facts, serving);
  const candidate = revisionOf(facts, desired);
  const verdict = judgeProgress(facts, candidate);
  if (verdict.state === 'Failed') return rollBack(facts, serving, failure(facts, verdict));
  const whole = atLeastOne(size);
  const passed = verdict.state === 'Passed';
  // What the serving revision gives up before the voters turn over is what the candidate needs to carry half of the load, no more.
  const target = passed ? half(whole) : one(size);
  const { removable, draining } = others(facts, [serving, desired]);
  const taken = podsOf(facts.revisions.filter(({ name }) => draining.includes(name)));
  const sampler = shareReplicas(whole.sampler, target.sampler, old.sampler, candidate.sampler, taken.sampler, settings);
  const metaRM = whole.metaRM === undefined ? undefined : shareReplicas(whole.metaRM, target.metaRM ?? 1, old.metaRM ?? noWorkers, candidate.metaRM ?? noWorkers, taken.metaRM, settings);
  const base = {
    serving,
    candidate: desired,
    revisions: [
      { name: serving, size: { sampler: sampler.old, ...(old.metaRM === undefined ? {} : { metaRM: metaRM?.old ?? old.metaRM.wanted }) } },
      { name: desired, size: { sampler: sampler.candidate, ...(metaRM === undefined ? {} : { metaRM: metaRM.candidate }) } },
      ...draining.map((name) => ({ name, size: nothing(size) })),
    ],
    remove: removable,
  };
  switch (verdict.state) {
    case 'Waiting':
      return { ...base, phase: 'Starting', voter: serving, ...defined({ hold: verdict.hold, lookAgainAt: verdict.lookAgainAt }) };
    case 'Gating':
      return { ...base, phase: 'Gating', voter: serving, gate: desired, hold: verdict.hold, ...defined({ lookAgainAt: verdict.lookAgainAt }) };
    case 'Passed':
      return { ...base, phase: 'Promoting', voter: carriesHalf(whole, candidate) ? desired : serving };
  }
}

/** The candidate goes, and the serving revision gets its places back. */
function rollBack(facts: RolloutFacts, serving: string, failed: FailedRollout): RolloutStep {
  const old = revisionOf(facts, serving);
  const leaving = facts.revisions.filter(({ name }) => name !== serving);
  const remove = leaving.filter(isEmpty).map(({ name }) => name);
  const left = leaving.filter(({ name }) => !remove.includes(name));
  const whole = grown(facts, old, leaving);
  const restored = old.sampler.ready >= Math.min(whole.sampler, facts.size.sampler) && left.length === 0 && (facts.voter?.settled ?? true);
  return {
    phase: restored ? 'Stable' : 'RollingBack',
    serving,
    voter: serving,
    revisions: [{ name: serving, size: whole }, ...left.map(({ name }) => ({ name, size: nothing(facts.size) }))],
    remove,
    failed,
    hold: heldBy(failed),
  };
}

/** As many workers as there are places that the others' pods leave free, and never fewer than now while those are wanted. */
function grown({ size, settings }: RolloutFacts, revision: RevisionFacts, leaving: readonly RevisionFacts[]): Size {
  const taken = podsOf(leaving);
  const grow = (total: number, own: ComponentFacts, others: number) => Math.min(total, Math.max(own.wanted, boundsOf(total, settings).places - others));
  return { sampler: grow(size.sampler, revision.sampler, taken.sampler), ...(size.metaRM === undefined ? {} : { metaRM: grow(size.metaRM, revision.metaRM ?? noWorkers, taken.metaRM) }) };
}

function podsOf(revisions: readonly RevisionFacts[]): { readonly sampler: number; readonly metaRM: number } {
  return {
    sampler: revisions.reduce((total, { sampler }) => total + sampler.pods, 0),
    metaRM: revisions.reduce((total, { metaRM }) => total + (metaRM?.pods ?? 0), 0),
  };
}

/** Revisions that are nobody's any more: those with pods get no replicas, those without go. */
function others({ revisions }: RolloutFacts, keep: readonly string[]): { removable: string[]; draining: string[] } {
  const rest = revisions.filter(({ name }) => !keep.includes(name));
  return { removable: rest.filter(isEmpty).map(({ name }) => name), draining: rest.filter((revision) => !isEmpty(revision)).map(({ name }) => name) };
}

function carriesHalf(whole: Size, candidate: RevisionFacts): boolean {
  const needed = half(whole);
  return candidate.sampler.ready >= needed.sampler && (needed.metaRM === undefined || (candidate.metaRM?.ready ?? 0) >= needed.metaRM);
}

function failure(facts: RolloutFacts, { reason, message }: { readonly reason: HoldReason; readonly message: string }): FailedRollout {
  return { revision: facts.desired, reason, message, at: new Date(facts.now).toISOString(), settings: facts.settingsDigest };
}

const heldBy = ({ reason, message, revision }: FailedRollout): Hold => ({ reason, message: `${revision} was given up: ${message}` });
const half = ({ sampler, metaRM }: Size): Size => ({ sampler: Math.ceil(sampler / 2), ...(metaRM === undefined ? {} : { metaRM: Math.ceil(metaRM / 2) }) });
const one = (size: Size): Size => ({ sampler: 1, ...(size.metaRM === undefined ? {} : { metaRM: 1 }) });
const nothing = (size: Size): Size => ({ sampler: 0, ...(size.metaRM === undefined ? {} : { metaRM: 0 }) });
/** A revision has to show once that it starts, so it gets a worker even where the service is scaled to zero. */
const atLeastOne = (size: Size): Size => ({ sampler: Math.max(1, size.sampler), ...(size.metaRM === undefined ? {} : { metaRM: Math.max(1, size.metaRM) }) });
const wantedOf = ({ sampler, metaRM }: RevisionFacts): Size => ({ sampler: sampler.wanted, ...(metaRM === undefined ? {} : { metaRM: metaRM.wanted }) });
const isEmpty = ({ sampler, metaRM }: RevisionFacts): boolean => sampler.wanted === 0 && sampler.pods === 0 && (metaRM === undefined || (metaRM.wanted === 0 && metaRM.pods === 0));
const revisionOf = ({ revisions, now }: RolloutFacts, name: string): RevisionFacts => revisions.find((revision) => revision.name === name) ?? { name, sampler: noWorkers, progressedAt: now };
