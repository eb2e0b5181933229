import { seededRandom } from '@grm/preferences';

/** A fault of a bout. */
export interface PlannedFault {
  readonly name: string;
  /** After the beginning of the bout, ms. */
  readonly afterMs: number;
  /** A random 32-bit integer, to choose a target with. */
  readonly choice: number;
}

/** Faults that may overlap. The next bout begins when all of them have healed and a quiet gap has passed. */
export interface Bout {
  /** Pause before it in which nothing is disturbed, ms. */
  readonly quietMs: number;
  readonly faults: readonly PlannedFault[];
}

export interface BoutOptions {
  readonly seed: number;
  readonly names: readonly string[];
  /** Faults of a bout, at most. */
  readonly atOnce: number;
  /** Bounds of the quiet gaps, ms. */
  readonly quietMs: readonly [least: number, most: number];
}

/** Faults of a bout come within this time of one another, ms. */
const withinMs = 4_000;

/**
 * Which fault comes when: equal options give the same bouts, without end. Every kind has its turn before one comes again, so that even a short soak sees each.
 */
export function* planBouts({ seed, names, atOnce, quietMs: [least, most] }: BoutOptions): Generator<Bout, void, undefined> {
  if (names.length === 0) return;
  const random = seededRandom(seed);
  let bag: string[] = [];
  for (;;) {
    const quietMs = random.integer(least, most);
    const faults: PlannedFault[] = [];
    const count = random.integer(1, Math.min(atOnce, names.length));
    for (let index = 0; index < count; index++) {
      if (bag.length === 0) bag = random.shuffle(names);
      // Two of a kind at once would be one fault with two targets.
      const place = bag.findIndex((name) => !faults.some((fault) => fault.name === name));
      if (place < 0) break;
      const [name = ''] = bag.splice(place, 1);
      faults.push({ name, afterMs: index === 0 ? 0 : random.integer(0, withinMs), choice: random.integer(0, 2 ** 31 - 1) });
    }
    yield { quietMs, faults: faults.toSorted((one, other) => one.afterMs - other.afterMs) };
  }
}
