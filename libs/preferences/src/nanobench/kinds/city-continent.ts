import { capitals, continents } from '../words/capitals.ts';
import { factKind, type Fact } from './fact-kind.ts';

/** Where each country lies; for stating, not asked by any kind. */
export const continentFacts: readonly Fact[] = capitals.map(([country, , continent]) => ({
  query: `which continent is ${country} in?`,
  value: continent,
  wrong: continents.filter((other) => other !== continent),
  state: (value) => `${country} is in ${value}.`,
}));

const cityContinentFacts: readonly Fact[] = capitals.map(([country, capital, continent]) => ({
  query: `which continent is ${capital} in?`,
  value: continent,
  wrong: continents.filter((other) => other !== continent),
  state: (value) => `${capital} is the capital of ${country}, ${country} is in ${value}, so ${value}.`,
}));

/**
 * The continent of a capital, by way of its country. Both facts are told of every country, put together only for the
 * cities of the item's own split: a test item needs them composed.
 */
export const cityContinent = factKind({
  name: 'city-continent',
  heldOut: 'question',
  heldOutBuckets: { test: 25, dev: 10 },
  carefulness: 0.65,
  fact: (random) => random.pick(cityContinentFacts),
});
