import { expect, it } from 'vitest';
import { compareQuantities } from './quantity.ts';

it.each([
  ['1', '1000m'],
  ['0.009', '9m'],
  ['2.3', '2300m'],
  ['1.5Gi', '1536Mi'],
  ['1024Ti', '1Pi'],
])('%s is as much as %s', (one, other) => {
  expect(compareQuantities(one, other)).toBe(0);
});

it.each([
  ['999m', '1'],
  ['1G', '1Gi'],
  ['0', '1m'],
])('%s is less than %s', (one, other) => {
  expect(compareQuantities(one, other)).toBeLessThan(0);
  expect(compareQuantities(other, one)).toBeGreaterThan(0);
});

it('what is no quantity cannot be compared', () => {
  expect(compareQuantities('much', '1')).toBeUndefined();
  expect(compareQuantities('1', '1Xi')).toBeUndefined();
});
