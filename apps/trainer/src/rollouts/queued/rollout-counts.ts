/** What has become of the tasks of one trainer. */
export interface RolloutCounts {
  /** Tasks put into the queue, each attempt counted. */
  published: number;
  /** Tasks drawn. */
  answered: number;
  /** Times that a task was handed out to one more sampler, because the one before had died or handed it back. */
  redelivered: number;
  /** Tasks that were gone without an answer and were put into the queue anew. */
  lost: number;
  /** Answers to tasks that had one already, or that nobody waited for any more. */
  duplicates: number;
  /** Answers by other weights than those asked for, and tasks refused because newer ones had been announced. */
  stale: number;
  /** Tasks waiting or being worked on, when last seen. */
  depth: number;
  /** Samplers that answered when they were last asked whether they live. */
  samplers: number;
}

export function newRolloutCounts(): RolloutCounts {
  return { published: 0, answered: 0, redelivered: 0, lost: 0, duplicates: 0, stale: 0, depth: 0, samplers: 0 };
}
