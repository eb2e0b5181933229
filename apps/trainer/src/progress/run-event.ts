import type { EvaluationRow, RunCondition, RunNotice, RunProgress } from '@grm/protocol';

/** Last value of each curve by name. */
export type StageMetrics = Readonly<Record<string, number>>;

export type ArtifactName = 'policy' | 'metaRM' | 'keptJudgements';

/** Something that somebody may have to know of. */
export type Notice = Pick<RunNotice, 'type' | 'reason' | 'message'>;

/** A condition without its time, which the journal knows. */
export type ConditionChange = Omit<RunCondition, 'lastTransitionTime'>;

/** What happens in a run, in order. */
export type RunEvent =
  | { readonly type: 'stage-started'; readonly stage: string; readonly steps: number }
  | { readonly type: 'stage-advanced'; readonly stage: string; readonly step: number; readonly steps: number; readonly metrics: StageMetrics }
  | { readonly type: 'stage-finished'; readonly stage: string; readonly state: 'Complete' | 'Failed'; readonly metrics: StageMetrics }
  | { readonly type: 'checkpoint-saved'; readonly stage: string; readonly step: number; readonly uri: string; readonly digest: string }
  /** The newest checkpoint was read back from where it lies and its content has this digest: after it was written, or when a run goes on from it. */
  | { readonly type: 'checkpoint-verified'; readonly digest: string }
  | { readonly type: 'artifact-saved'; readonly name: ArtifactName; readonly uri: string; readonly digest: string }
  | { readonly type: 'noticed'; readonly stage?: string; readonly notice: Notice }
  | { readonly type: 'condition-changed'; readonly condition: ConditionChange }
  | { readonly type: 'evaluated'; readonly rows: readonly EvaluationRow[] }
  /** Tokens drawn or trained on since the last such event. */
  | { readonly type: 'worked'; readonly tokens: number }
  | { readonly type: 'run-finished'; readonly phase: 'Complete' | 'Failed' | 'Suspended'; readonly message?: string };

/** What happens in one stage of a run. */
export type StageEvent = Extract<RunEvent, { readonly type: 'stage-started' | 'stage-advanced' | 'stage-finished' }>;

export const isStageEvent = (event: RunEvent): event is StageEvent =>
  event.type === 'stage-started' || event.type === 'stage-advanced' || event.type === 'stage-finished';

/** Where progress is shown or kept. Sinks get every event in order and must not throw. */
export interface ProgressSink extends AsyncDisposable {
  accept(event: RunEvent, progress: RunProgress): void;
  /** The heartbeat: called every few seconds with what has moved on by itself (time, usage), whether or not anything happened. */
  refresh?(progress: RunProgress): void;
}
