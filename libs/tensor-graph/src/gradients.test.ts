import { describe, expect, it } from 'vitest';
import { GraphBuilder } from './graph-builder.ts';
import { GradientError, gradients } from './gradients.ts';
import { evaluate } from './testing/evaluate.ts';
import type { Value } from './value.ts';

describe('gradients', () => {
  it('add up over every use of a value and over every path', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const y = g.mul(x, x);
    const loss = g.reduceSum(g.add(g.mul(y, x), g.add(y, x)), [0]);
    gradients(g, loss, [x, y]).forEach((gradient, index) => g.output(`d${index}`, gradient));
    const { d0, d1 } = await evaluate(g, { x: { dims: [2], data: [2, -1] } });
    expect(d0?.data).toEqual([3 * 4 + 2 * 2 + 1, 3 * 1 - 2 + 1]);
    expect(d1?.data).toEqual([3, 0]);
  });

  it('are taken inside a loop by the values around it, through what was computed outside', async () => {
    const g = new GraphBuilder();
    const w = g.input('w', 'float32', [2]);
    const rows = g.input('rows', 'float32', ['count', 2]);
    const squared = g.mul(w, w);
    const trips = g.squeeze(g.dimensions(['count']), [0]);
    const { carried } = g.loop({ trips, carried: [g.fill([2], 0)] }, (body, { iteration, carried: [sum = w] }) => {
      const loss = body.reduceSum(body.mul(body.gather(rows, iteration), squared), [0]);
      return { carried: gradients(body, loss, [w]).map((gradient) => body.add(sum, gradient)) };
    });
    carried.forEach((value) => g.output('dw', value));
    const feeds = { w: { dims: [2], data: [3, 5] }, rows: { dims: [3, 2], data: [1, 2, 3, 4, 5, 6] } };
    expect((await evaluate(g, feeds))['dw']?.data).toEqual([2 * 3 * 9, 2 * 5 * 12]);
  });

  it('flow into one table from its rows and from its use as a matrix', async () => {
    const g = new GraphBuilder();
    const table = g.input('table', 'float32', [3, 2]);
    const rows = g.gather(table, g.integers(1, 1, 2));
    const loss = g.reduceSum(g.matMul(rows, g.transposeLast(table)), [0, 1]);
    gradients(g, loss, [table]).forEach((gradient) => g.output('d', gradient));
    const { d } = await evaluate(g, { table: { dims: [3, 2], data: [1, 2, 3, 4, 5, 6] } });
    // sum of all rows to each picked row, sum of picked rows to every row
    expect(d?.data).toEqual([11, 14, 11 + 18, 14 + 24, 11 + 9, 14 + 12]);
  });

  it('flow back to rows that are picked once each as to any others', async () => {
    const g = new GraphBuilder();
    const table = g.input('table', 'float32', ['rows', 2]);
    const indices = g.input('indices', 'int64', ['picked']);
    const gradientOf = (rows: Value) => gradients(g, g.reduceSum(g.mul(g.mul(rows, rows), rows), [0, 1]), [table]);
    g.output('plain', gradientOf(g.gather(table, indices))[0] ?? table);
    g.output('distinct', gradientOf(g.gatherDistinct(table, indices))[0] ?? table);
    const feeds = { table: { dims: [4, 2], data: [1, 2, 3, 4, 5, 6, 7, 8] }, indices: { dims: [2], data: [3, 1], type: 'int64' as const } };
    const { plain, distinct } = await evaluate(g, feeds);
    expect(distinct).toEqual(plain);
    expect(distinct?.data).toEqual([0, 0, 27, 48, 0, 0, 147, 192]);
  });

  it('stop at integers and comparisons', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [3]);
    const loss = g.reduceSum(g.where(g.greater(x, 0), g.mul(x, 2), g.mul(x, g.cast(g.argMax(x), 'float32'))), [0]);
    gradients(g, loss, [x]).forEach((gradient) => g.output('d', gradient));
    expect((await evaluate(g, { x: { dims: [3], data: [-1, 1, 2] } }))['d']?.data).toEqual([2, 2, 2]);
  });

  it('stop where they are told to: the numbers count as constants', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [2]);
    const loss = g.reduceSum(g.mul(x, g.stopGradient(g.mul(x, x))), [0]);
    gradients(g, loss, [x]).forEach((gradient) => g.output('d', gradient));
    g.output('loss', loss);
    const { d, loss: value } = await evaluate(g, { x: { dims: [2], data: [2, -3] } });
    expect(value?.data).toEqual([8 - 27]);
    expect(d?.data).toEqual([4, 9]);
  });

  it('do not ask for rules of what came before the wanted value', async () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [3]);
    const summed = g.cumSum(x, 0);
    const loss = g.reduceSum(g.mul(summed, summed), [0]);
    gradients(g, loss, [summed]).forEach((gradient) => g.output('d', gradient));
    expect((await evaluate(g, { x: { dims: [3], data: [1, 2, 3] } }))['d']?.data).toEqual([2, 6, 12]);
  });

  it('do not pass an operator without a rule, which the error names', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', [3]);
    const loss = g.reduceSum(g.cumSum(x, 0), [0]);
    expect(() => gradients(g, loss, [x])).toThrow(/no gradient through CumSum at node 'CumSum_\d+': the operator has no gradient rule/);
  });

  it('do not pass a loop, even where its body only looks at the value', () => {
    const g = new GraphBuilder();
    const x = g.input('x', 'float32', []);
    const { carried } = g.loop({ trips: g.scalar(2, 'int64'), carried: [g.scalar(0)] }, (body, state) => ({
      carried: [body.add(state.carried[0] ?? 0, x)],
    }));
    expect(() => gradients(g, carried[0] ?? x, [x])).toThrow(/no gradient through Loop/);
  });

  it('refuse a value on which the loss does not depend, and a loss that is no scalar', () => {
    const g = new GraphBuilder();
    const [x, y] = [g.input('x', 'float32', [3]), g.input('y', 'float32', [3])];
    expect(() => gradients(g, g.reduceSum(x, [0]), [y])).toThrow(GradientError);
    expect(() => gradients(g, g.reduceSum(x, [0]), [y])).toThrow(/does not depend on 'y'/);
    expect(() => gradients(g, x, [x])).toThrow(/must be a scalar/);
  });
});
