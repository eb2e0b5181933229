import { type ComponentFacts, type GateFacts, noWorkers, type RevisionFacts, type RolloutFacts, type Trouble } from './rollout-facts.ts';
import type { Hold, HoldReason } from './rollout-step.ts';

/** How a candidate fares. `lookAgainAt`: when its deadline comes, ms since the epoch. */
export type Progress =
  | { readonly state: 'Waiting'; readonly hold?: Hold; readonly lookAgainAt?: number }
  | { readonly state: 'Gating'; readonly hold: Hold; readonly lookAgainAt?: number }
  | { readonly state: 'Passed' }
  | { readonly state: 'Failed'; readonly reason: HoldReason; readonly message: string };

type Check = (facts: RolloutFacts, candidate: RevisionFacts) => Progress | undefined;

/** Named checks in the order in which they decide; the first that says something is the answer. */
const checks: readonly Check[] = [scarcePlaces, deadlinePassed, notReadyYet, gateFailed, gateDeadlinePassed, gateRunning];

export function judgeProgress(facts: RolloutFacts, candidate: RevisionFacts): Progress {
  for (const check of checks) {
    const progress = check(facts, candidate);
    if (progress !== undefined) return progress;
  }
  return { state: 'Passed' };
}

/** Waiting for a node is nobody's failure and may take days: no deadline runs. */
function scarcePlaces(facts: RolloutFacts, candidate: RevisionFacts): Progress | undefined {
  if (answers(facts, candidate)) return undefined;
  const trouble = troubleOf(facts, candidate);
  return trouble?.reason === 'InsufficientGPU' || trouble?.reason === 'Unschedulable' ? { state: 'Waiting', hold: trouble } : undefined;
}

function deadlinePassed(facts: RolloutFacts, candidate: RevisionFacts): Progress | undefined {
  const { now, settings } = facts;
  if (answers(facts, candidate) || !isWanted(facts, candidate) || now < candidate.progressedAt + settings.progressDeadlineSeconds * 1000) return undefined;
  const trouble = troubleOf(facts, candidate);
  const message = `no worker became ready within ${settings.progressDeadlineSeconds} s${trouble === undefined ? '' : `: ${trouble.message}`}`;
  return { state: 'Failed', reason: trouble?.reason ?? 'ProgressDeadlineExceeded', message };
}

function notReadyYet(facts: RolloutFacts, candidate: RevisionFacts): Progress | undefined {
  const { settings } = facts;
  if (answers(facts, candidate)) return undefined;
  const trouble = troubleOf(facts, candidate);
  const lookAgainAt = isWanted(facts, candidate) ? candidate.progressedAt + settings.progressDeadlineSeconds * 1000 : undefined;
  return { state: 'Waiting', ...(trouble === undefined ? {} : { hold: trouble }), ...(lookAgainAt === undefined ? {} : { lookAgainAt }) };
}

function gateFailed({ settings, gate }: RolloutFacts): Progress | undefined {
  return settings.gate !== undefined && gate?.state === 'Failed' ? { state: 'Failed', reason: 'GateFailed', message: gate.message } : undefined;
}

function gateDeadlinePassed({ settings, gate, now }: RolloutFacts): Progress | undefined {
  const end = gateEnd({ settings, ...(gate === undefined ? {} : { gate }) });
  if (end === undefined || now < end) return undefined;
  return { state: 'Failed', reason: 'GateFailed', message: `the gate came to no result within ${settings.gate?.deadlineSeconds ?? 0} s${lastError(gate)}` };
}

function gateRunning({ settings, gate }: RolloutFacts): Progress | undefined {
  if (settings.gate === undefined || gate?.state === 'Passed') return undefined;
  const end = gateEnd({ settings, ...(gate === undefined ? {} : { gate }) });
  return { state: 'Gating', hold: { reason: 'GateRunning', message: `the candidate is judged against its gate${lastError(gate)}` }, ...(end === undefined ? {} : { lookAgainAt: end }) };
}

const lastError = (gate: GateFacts | undefined): string => (gate?.state === 'Running' && gate.error !== undefined ? `; the last attempt could not: ${gate.error}` : '');

function gateEnd({ settings, gate }: Pick<RolloutFacts, 'settings' | 'gate'>): number | undefined {
  if (settings.gate === undefined || gate?.state !== 'Running' || gate.startedAt === undefined) return undefined;
  return gate.startedAt + settings.gate.deadlineSeconds * 1000;
}

/** The workers that a revision of this service needs, whether or not there are any yet. */
const parts = ({ size }: RolloutFacts, { sampler, metaRM }: RevisionFacts): ComponentFacts[] => (size.metaRM === undefined ? [sampler] : [sampler, metaRM ?? noWorkers]);
const answers = (facts: RolloutFacts, candidate: RevisionFacts): boolean => parts(facts, candidate).every(({ ready }) => ready > 0);
const isWanted = (facts: RolloutFacts, candidate: RevisionFacts): boolean => parts(facts, candidate).some(({ wanted }) => wanted > 0);
const troubleOf = (facts: RolloutFacts, candidate: RevisionFacts): Trouble | undefined => parts(facts, candidate).find(({ trouble }) => trouble !== undefined)?.trouble;
