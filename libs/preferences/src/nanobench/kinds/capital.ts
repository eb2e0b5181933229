import { capitals } from '../words/capitals.ts';
import { factKind, type Fact } from './fact-kind.ts';

export const capitalFacts: readonly Fact[] = capitals.map(([country, capital]) => ({
  query: `what is the capital of ${country}?`,
  value: capital,
  wrong: capitals.map(([, other]) => other).filter((other) => other !== capital),
  state: (value) => `the capital of ${country} is ${value}.`,
}));

export const capital = factKind({ name: 'capital', carefulness: 0.72, fact: (random) => random.pick(capitalFacts) });

/** The same facts told from the city. */
export const cityFacts: readonly string[] = capitals.map(([country, capital]) => `${capital} is the capital of ${country}.`);
