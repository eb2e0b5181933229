import type { EvaluationSuite } from '@grm/protocol';

type Measure = EvaluationSuite['measure'];

interface Bounded {
  readonly value: number;
  readonly low: number;
  readonly high: number;
}

/** Accuracy in percent, ROC-AUC as it is. */
export const figure = (value: number, measure: Measure): string => (measure === 'accuracy' ? (100 * value).toFixed(1) : value.toFixed(3));

/** `87.3 [85.0, 89.5]` */
export const figureWithInterval = ({ value, low, high }: Bounded, measure: Measure): string => `${figure(value, measure)} [${figure(low, measure)}, ${figure(high, measure)}]`;

/** `+1.3 [+0.4, +2.2]`, in bold where the interval leaves out zero. */
export function differenceWithInterval({ value, low, high }: Bounded, measure: Measure): string {
  const signed = (of: number): string => `${of < 0 ? '-' : '+'}${figure(Math.abs(of), measure)}`;
  const written = `${signed(value)} [${signed(low)}, ${signed(high)}]`;
  return low > 0 || high < 0 ? `**${written}**` : written;
}
