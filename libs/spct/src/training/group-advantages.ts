/** Added to the deviation, so that nothing is divided by 0. */
const epsilon = 1e-6;

/**
 * Advantages of one group of rewards, (reward - mean) / deviation (GRPO, arXiv 2402.03300, section 4.1.2). Undefined where all
 * rewards are equal: such a group says nothing and is left out.
 */
export function groupAdvantages(rewards: readonly number[]): number[] | undefined {
  const mean = rewards.reduce((sum, reward) => sum + reward, 0) / rewards.length;
  const variance = rewards.reduce((sum, reward) => sum + (reward - mean) ** 2, 0) / rewards.length;
  if (variance === 0) return undefined;
  return rewards.map((reward) => (reward - mean) / (Math.sqrt(variance) + epsilon));
}
