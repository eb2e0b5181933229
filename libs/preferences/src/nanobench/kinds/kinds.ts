import type { Kind } from '../kind.ts';
import { addition } from './addition.ts';
import { babyAnimal } from './baby-animal.ts';
import { capital } from './capital.ts';
import { classMembers } from './class-members.ts';
import { cityContinent } from './city-continent.ts';
import { color } from './color.ts';
import { extremum } from './extremum.ts';
import { firstLetter } from './first-letter.ts';
import { lineLength } from './line-length.ts';
import { longAddition } from './long-addition.ts';
import { longSorting } from './long-sorting.ts';
import { multiplication } from './multiplication.ts';
import { occurrences } from './occurrences.ts';
import { opposite } from './opposite.ts';
import { repeat } from './repeat.ts';
import { benign, harmful } from './requests.ts';
import { sameColor } from './same-color.ts';
import { sorting } from './sorting.ts';
import { subtraction } from './subtraction.ts';
import { wordClass } from './word-class.ts';

/** Every kind of nanobench item; the order is part of what a seed gives. */
export const kinds: readonly Kind[] = [
  capital,
  opposite,
  color,
  wordClass,
  babyAnimal,
  cityContinent,
  sameColor,
  repeat,
  lineLength,
  firstLetter,
  classMembers,
  occurrences,
  harmful,
  benign,
  addition,
  subtraction,
  multiplication,
  extremum,
  sorting,
  longAddition,
  longSorting,
];
