import type { Random } from '../../random/random.ts';
import { arithmeticKind } from './arithmetic-kind.ts';
import { nearMissNumber } from './near-miss-number.ts';

/** Two digits of one place; `carries` where their sum must reach ten. */
function digitPair(random: Random, carries: boolean): readonly [left: number, right: number] {
  const left = random.integer(carries ? 1 : 0, 9);
  return [left, random.integer(carries ? 10 - left : 0, 9)];
}

/** Three digits plus two or three, with a carry at least in one place. */
export const longAddition = arithmeticKind({
  name: 'long-addition',
  carefulness: 0.55,
  nearMiss: (random, result) => (random.chance(0.15) ? result + random.pick([-100, 100]) : nearMissNumber(random, result)),
  sum: (random) => {
    const carrying = random.pick(['units', 'tens']);
    const [leftUnits, rightUnits] = digitPair(random, carrying === 'units');
    const [leftTens, rightTens] = digitPair(random, carrying === 'tens');
    const [leftHundreds, rightHundreds] = [random.integer(1, 9), random.chance(0.5) ? 0 : random.integer(1, 9)];
    const left = 100 * leftHundreds + 10 * leftTens + leftUnits;
    const right = 100 * rightHundreds + 10 * rightTens + rightUnits;
    const toTens = leftUnits + rightUnits > 9 ? 1 : 0;
    const toHundreds = leftTens + rightTens + toTens > 9 ? 1 : 0;
    return {
      query: `what is ${left} + ${right}?`,
      question: `add ${Math.min(left, right)} ${Math.max(left, right)}`,
      result: left + right,
      work: (result) => {
        const [hundreds, tens, units] = [Math.floor(result / 100), Math.floor(result / 10) % 10, result % 10];
        return [
          `${leftUnits} + ${rightUnits} = ${10 * toTens + units}`,
          `${leftTens} + ${rightTens} + ${toTens} = ${10 * toHundreds + tens}`,
          `${leftHundreds} + ${rightHundreds} + ${toHundreds} = ${hundreds}`,
          `so ${result}.`,
        ].join(', ');
      },
    };
  },
});
