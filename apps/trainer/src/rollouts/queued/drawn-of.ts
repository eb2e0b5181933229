import type { Drawn } from '@grm/judging';
import type { RolloutSuccess, RolloutTask } from '@grm/protocol';

/**
 * A sampler's answer as an engine in this process would have given it.
 * @throws Error when it is not an answer to this task: a sample is missing, or another than was asked for
 */
export function drawnOf({ items, promptTokens }: RolloutSuccess, task: RolloutTask): Drawn {
  const wrong = task.items.findIndex(({ samples }, item) => {
    const drawn = items[item]?.samples ?? [];
    return drawn.length !== samples.length || samples.some(({ index, seed }, i) => drawn[i]?.index !== index || drawn[i].seed !== seed);
  });
  if (wrong >= 0 || items.length !== task.items.length) {
    throw new Error(`a sampler answered task ${task.taskId} with other samples than were asked for (item ${wrong < 0 ? task.items.length : wrong}); is it of another version?`);
  }
  return { judgements: items.map(({ samples }) => samples), promptTokens };
}
