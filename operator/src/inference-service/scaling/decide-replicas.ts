/** How a component is scaled, as the spec says it. */
export interface ScalingSettings {
  readonly minReplicas: number;
  readonly maxReplicas: number;
  /** How long what waits now may take to be worked off, seconds. */
  readonly targetBacklogSeconds: number;
  readonly scaleUpStabilizationSeconds: number;
  readonly scaleDownStabilizationSeconds: number;
  /** How long nothing may have waited before the last replica goes, seconds. */
  readonly idleSeconds: number;
}

/** What one look at the queue and the workers said. */
export interface ScalingReading {
  /** ms since the epoch. */
  readonly at: number;
  /** Replicas asked for now: those that still start count, or a slow start would ask for more and more of them. */
  readonly current: number;
  /** Samples that wait or are being drawn; undefined: NATS did not say. */
  readonly backlog?: number;
  /** Samples a second that one busy replica draws; undefined: none has been measured. */
  readonly samplesPerSecond?: number;
}

export interface Recommendation {
  readonly at: number;
  readonly replicas: number;
}

/** What is remembered between two looks; lost with the operator, which then waits a whole window before it scales down. */
export interface ScalingMemory {
  readonly since: number;
  /** No older than the longer of both windows. */
  readonly recommendations: readonly Recommendation[];
  /** When something last waited. */
  readonly busyAt: number;
}

export type ScalingReason = 'BacklogUnknown' | 'RateUnknown' | 'WithinTarget' | 'BacklogAboveTarget' | 'BacklogBelowTarget' | 'Stabilizing' | 'Idle' | 'WakesUp' | 'AtMaximum' | 'AtMinimum';

export interface ScalingDecision {
  readonly replicas: number;
  readonly reason: ScalingReason;
  readonly message: string;
  readonly memory: ScalingMemory;
}

/**
 * Replicas that work off the backlog within its target: `ceil(backlog / (samples a second of a replica x target seconds))`, within bounds.
 * What is not known holds: an unknown backlog is neither zero nor large. Upwards the smallest recommendation of the window counts, downwards the largest.
 */
export function decideReplicas(settings: ScalingSettings, reading: ScalingReading, before: ScalingMemory | undefined): ScalingDecision {
  const { at, current, backlog, samplesPerSecond } = reading;
  const start = before ?? { since: at, recommendations: [], busyAt: at };
  const within = (replicas: number) => Math.min(settings.maxReplicas, Math.max(settings.minReplicas, replicas));
  if (backlog === undefined) return { replicas: current, reason: 'BacklogUnknown', message: `NATS does not say what waits, so ${current} are kept`, memory: start };
  const memory = backlog > 0 ? { ...start, busyAt: at } : start;
  if (current === 0) {
    return backlog > 0
      ? { replicas: within(Math.max(1, wantedFor(backlog, samplesPerSecond, settings) ?? 1)), reason: 'WakesUp', message: `${backlog} samples wait and nobody draws`, memory: remember(memory, at, 1, settings) }
      : { replicas: within(0), reason: settings.minReplicas > 0 ? 'AtMinimum' : 'Idle', message: 'nothing waits', memory };
  }
  const wanted = wantedFor(backlog, samplesPerSecond, settings);
  if (wanted === undefined) return { replicas: within(current), reason: 'RateUnknown', message: `no replica has been measured yet, so ${current} are kept`, memory };
  // The last one goes by idleness alone, since a single request leaves no backlog for long.
  const recommended = within(Math.max(1, wanted));
  const next = remember(memory, at, recommended, settings);
  if (wanted === 0 && settings.minReplicas === 0 && current === 1) return idle(settings, at, next);
  const replicas = stabilize(settings, at, current, next);
  return { replicas, ...explain({ settings, backlog, current, wanted, recommended, replicas }), memory: next };
}

function wantedFor(backlog: number, samplesPerSecond: number | undefined, { targetBacklogSeconds }: ScalingSettings): number | undefined {
  if (backlog === 0) return 0;
  return samplesPerSecond === undefined || samplesPerSecond <= 0 ? undefined : Math.ceil(backlog / (samplesPerSecond * targetBacklogSeconds));
}

function remember(memory: ScalingMemory, at: number, replicas: number, settings: ScalingSettings): ScalingMemory {
  const oldest = at - Math.max(settings.scaleUpStabilizationSeconds, settings.scaleDownStabilizationSeconds) * 1000;
  return { ...memory, recommendations: [...memory.recommendations.filter((recommendation) => recommendation.at >= oldest), { at, replicas }] };
}

function idle({ idleSeconds }: ScalingSettings, at: number, memory: ScalingMemory): ScalingDecision {
  const quietSeconds = (at - memory.busyAt) / 1000;
  return quietSeconds >= idleSeconds
    ? { replicas: 0, reason: 'Idle', message: `nothing has waited for ${Math.floor(quietSeconds)} s`, memory }
    : { replicas: 1, reason: 'Stabilizing', message: `nothing waits; the last replica goes after ${idleSeconds} s of that`, memory };
}

function stabilize(settings: ScalingSettings, at: number, current: number, { recommendations, since }: ScalingMemory): number {
  const last = (seconds: number) => recommendations.filter((recommendation) => recommendation.at >= at - seconds * 1000).map(({ replicas }) => replicas);
  const up = Math.min(...last(settings.scaleUpStabilizationSeconds));
  if (up > current) return up;
  // A window that has not been watched whole may have held a peak.
  const watched = at - since >= settings.scaleDownStabilizationSeconds * 1000;
  const down = Math.max(...last(settings.scaleDownStabilizationSeconds));
  if (down < current && watched) return down;
  // Bounds that have changed hold at once.
  return Math.min(settings.maxReplicas, Math.max(settings.minReplicas, current));
}

interface Explained {
  readonly settings: ScalingSettings;
  readonly backlog: number;
  readonly current: number;
  readonly wanted: number;
  readonly recommended: number;
  readonly replicas: number;
}

function explain({ settings, backlog, current, wanted, recommended, replicas }: Explained): { readonly reason: ScalingReason; readonly message: string } {
  const seen = `${backlog} samples wait or are being drawn, ${wanted} replica${wanted === 1 ? '' : 's'} would do them within ${settings.targetBacklogSeconds} s`;
  if (replicas > current) return { reason: 'BacklogAboveTarget', message: seen };
  if (replicas < current) return { reason: 'BacklogBelowTarget', message: seen };
  if (wanted > settings.maxReplicas) return { reason: 'AtMaximum', message: `${seen}, but maxReplicas is ${settings.maxReplicas}` };
  if (recommended !== current) return { reason: 'Stabilizing', message: `${seen}; waiting whether that lasts` };
  return wanted < settings.minReplicas ? { reason: 'AtMinimum', message: seen } : { reason: 'WithinTarget', message: seen };
}
