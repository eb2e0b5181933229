/**
 * What leads of a judge look like before any is seen, in shares of the spread: it counts as so many samples. A guess that is
 * wrong makes bets worse, never unfair.
 */
const before = { samples: 8, mean: 0.55, meanSquare: 0.43 } as const;

/** No bet risks more than this share of what there is, so that nothing is ever lost for good. */
const boldest = 0.99;

/** Least variance that leads are taken to have, of the squared spread: equal leads so far do not promise equal ones. */
const leastVariance = 0.006;

/** Running sums of leads, in shares of the spread, with what was known before. */
interface Leads {
  count: number;
  sum: number;
  sumOfSquares: number;
}

/** The bet that makes wealth grow fastest where leads go on as they did: gain / (variance + gain squared). */
function betOn({ count, sum, sumOfSquares }: Leads, expected: number): number {
  const mean = sum / count;
  const gain = mean - expected;
  const variance = Math.max(leastVariance, sumOfSquares / count - mean ** 2);
  return Math.min(Math.max(0, gain / (variance + gain ** 2)), boldest / (1 + expected));
}

/**
 * Evidence against "in the end the challenger is level or ahead", from the leader's points over it, sample by sample.
 *
 * A better starts with 1 and before each sample bets that the leader does better than it may if the sum over all
 * `population` samples is to end at 0 or below. If that is how it will end, no strategy gains on average, and wealth
 * ever reaches w with a probability of at most 1/w (Ville's inequality), at whatever time one looks. It holds for every
 * distribution of scores and needs only that samples come in an order that has nothing to do with their scores, and that
 * a bet knows no later sample. Betting without replacement: Waudby-Smith and Ramdas, "Estimating means of bounded random
 * variables by betting", JRSS B 2024, section 5; the size of the bets, which decides how soon evidence is enough and not
 * whether it is valid: section 4 there ("approximate GRAPA").
 *
 * @param differences points of the leader less those of the challenger, -spread to spread; 0 for a sample that does not count
 * @returns wealth, Infinity once the remaining samples cannot bring the sum down to 0
 */
export function overtakingWealth(differences: readonly number[], population: number, spread: number): number {
  let wealth = 1;
  let sum = 0;
  const leads: Leads = { count: before.samples, sum: before.samples * before.mean, sumOfSquares: before.samples * before.meanSquare };
  for (const [drawn, difference] of differences.entries()) {
    const lead = difference / spread;
    // If the final sum were 0, the samples still to come would average this much.
    const expected = -sum / (population - drawn);
    if (expected > -1) wealth *= 1 + betOn(leads, expected) * (lead - expected);
    sum += lead;
    leads.count += 1;
    leads.sum += lead;
    leads.sumOfSquares += lead ** 2;
  }
  return sum > population - differences.length ? Number.POSITIVE_INFINITY : wealth;
}
