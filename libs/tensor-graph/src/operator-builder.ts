import { elementEncoding } from './element-type.ts';
import type { ElementType } from './element-type.ts';
import { GraphScope } from './graph-scope.ts';
import type { Shape } from './shape.ts';
import { dimensionAt, elementCount, resolveAxis, sameShape } from './shape.ts';
import type { Value } from './value.ts';

/** A tensor, or a number that becomes a scalar of the other operand's type. */
export type Operand = Value | number;

/** Largest end that Slice reads as "to the end" on every axis. */
const theEnd = 2 ** 31 - 1;

/** The common operators as methods; any other one through `op` and `ops`. */
export class OperatorBuilder extends GraphScope {
  scalar(value: number, type: ElementType = 'float32'): Value {
    return this.constant(type, [], [value]);
  }

  /** int64 vector of known integers. */
  integers(...values: readonly number[]): Value {
    return this.constant('int64', [values.length], values);
  }

  add = (left: Operand, right: Operand): Value => this.#binary('Add', left, right);
  sub = (left: Operand, right: Operand): Value => this.#binary('Sub', left, right);
  mul = (left: Operand, right: Operand): Value => this.#binary('Mul', left, right);
  div = (left: Operand, right: Operand): Value => this.#binary('Div', left, right);
  pow = (left: Operand, right: Operand): Value => this.#binary('Pow', left, right);
  min = (left: Operand, right: Operand): Value => this.#binary('Min', left, right);
  max = (left: Operand, right: Operand): Value => this.#binary('Max', left, right);
  less = (left: Operand, right: Operand): Value => this.#binary('Less', left, right);
  lessOrEqual = (left: Operand, right: Operand): Value => this.#binary('LessOrEqual', left, right);
  greater = (left: Operand, right: Operand): Value => this.#binary('Greater', left, right);
  greaterOrEqual = (left: Operand, right: Operand): Value => this.#binary('GreaterOrEqual', left, right);
  equal = (left: Operand, right: Operand): Value => this.#binary('Equal', left, right);

  and = (left: Value, right: Value): Value => this.op('And', [left, right]);
  or = (left: Value, right: Value): Value => this.op('Or', [left, right]);
  not = (value: Value): Value => this.op('Not', [value]);
  identity = (value: Value): Value => this.op('Identity', [value]);
  /** The same numbers, which `gradients` takes for constants. */
  stopGradient = (value: Value): Value => this.op('Identity', [value], {}, { gradientHint: 'stop' });
  isNaN = (value: Value): Value => this.op('IsNaN', [value]);
  neg = (value: Value): Value => this.op('Neg', [value]);
  exp = (value: Value): Value => this.op('Exp', [value]);
  log = (value: Value): Value => this.op('Log', [value]);
  sqrt = (value: Value): Value => this.op('Sqrt', [value]);
  reciprocal = (value: Value): Value => this.op('Reciprocal', [value]);
  sigmoid = (value: Value): Value => this.op('Sigmoid', [value]);
  tanh = (value: Value): Value => this.op('Tanh', [value]);
  relu = (value: Value): Value => this.op('Relu', [value]);
  softplus = (value: Value): Value => this.op('Softplus', [value]);
  matMul = (left: Value, right: Value): Value => this.op('MatMul', [left, right]);

  /** x sigmoid(x) in one pass. */
  silu = (value: Value): Value => this.op('QuickGelu', [value], { alpha: 1 });

  /** Rows [n, in] by a matrix stored [out, in], plus a bias [out]: [n, out]. */
  linear(rows: Value, weight: Value, bias?: Value): Value {
    return this.op('Gemm', [rows, weight, ...(bias === undefined ? [] : [bias])], { transB: 1 });
  }

  /** Normalised over one axis. */
  softmax(value: Value, axis = -1): Value {
    return this.op('Softmax', [value], { axis });
  }

  logSoftmax(value: Value, axis = -1): Value {
    return this.op('LogSoftmax', [value], { axis });
  }

  reduceSum(value: Value, axes: readonly number[], keepDimensions = false): Value {
    return this.#reduce('ReduceSum', value, axes, keepDimensions);
  }

  reduceMean(value: Value, axes: readonly number[], keepDimensions = false): Value {
    return this.#reduce('ReduceMean', value, axes, keepDimensions);
  }

  reduceMax(value: Value, axes: readonly number[], keepDimensions = false): Value {
    return this.#reduce('ReduceMax', value, axes, keepDimensions);
  }

  argMax(value: Value, axis = -1, keepDimensions = false): Value {
    return this.op('ArgMax', [value], { axis, keepdims: Number(keepDimensions) });
  }

  /** x / sqrt(mean(x^2) + epsilon) * weight over the last axis (RMSNorm, arXiv:1910.07467). */
  rmsNorm(value: Value, weight: Value, epsilon: number): Value {
    const attributes = { axis: -1, epsilon, stash_type: 1 };
    return this.op('SimplifiedLayerNormalization', [value, weight], attributes);
  }

  transpose(value: Value, permutation: readonly number[]): Value {
    return this.op('Transpose', [value], { perm: permutation });
  }

  /** Transposed matrices: the last two axes exchanged. */
  transposeLast(value: Value): Value {
    const rank = value.shape.length;
    return this.transpose(value, [...Array.from({ length: rank - 2 }, (_, axis) => axis), rank - 1, rank - 2]);
  }

  /**
   * The same elements in another shape, in which named axes may appear. Lengths that only the run knows are taken from
   * values of the graph that have axes of those names.
   */
  reshape(value: Value, shape: Shape): Value {
    if (sameShape(value.shape, shape)) return value;
    const copied = shape.map((dimension, axis) => (typeof dimension === 'string' && dimension === value.shape[axis] ? 0 : dimension));
    const open = copied.filter((dimension) => typeof dimension === 'string').length;
    const empty = shape.includes(0);
    const result =
      open <= 1 && !empty
        ? this.op('Reshape', [value, this.integers(...copied.map((dimension) => (typeof dimension === 'string' ? -1 : dimension)))])
        : this.op('Reshape', [value, this.dimensions(shape)], empty ? { allowzero: 1 } : {});
    return this.withShape(result, shape);
  }

  /** [..., n] -> [rows, n], the leading axes made one. */
  flattenRows(value: Value): Value {
    return this.reshape(value, [elementCount(value.shape.slice(0, -1)), dimensionAt(value.shape, -1)]);
  }

  squeeze(value: Value, axes: readonly number[]): Value {
    return this.op('Squeeze', [value, this.integers(...axes)]);
  }

  unsqueeze(value: Value, axes: readonly number[]): Value {
    return this.op('Unsqueeze', [value, this.integers(...axes)]);
  }

  expand(value: Value, shape: Shape): Value {
    return sameShape(value.shape, shape) ? value : this.op('Expand', [value, this.dimensions(shape)]);
  }

  concat(values: readonly Value[], axis: number): Value {
    return this.op('Concat', values, { axis });
  }

  /** Cuts an axis into parts of these lengths. */
  split(value: Value, lengths: readonly number[], axis: number): readonly Value[] {
    return this.ops('Split', [value, this.integers(...lengths)], { axis }, { outputs: lengths.length });
  }

  /** [start, end) of one axis, to its end where `end` is absent; bounds may be int64 vectors of one element. */
  slice(value: Value, axis: number, start: Operand, end: Operand = theEnd): Value {
    const bound = (given: Operand) => (typeof given === 'number' ? this.integers(given) : given);
    return this.op('Slice', [value, bound(start), bound(end), this.integers(resolveAxis(axis, value.shape.length))]);
  }

  gather(value: Value, indices: Value, axis = 0): Value {
    return this.op('Gather', [value, indices], { axis });
  }

  /** Rows of a table, none picked twice: [rows, ...], int64 [n] -> [n, ...]. Their gradient is then a mere copy. */
  gatherDistinct(value: Value, indices: Value): Value {
    return this.op('Gather', [value, indices], { axis: 0 }, { gradientHint: 'distinct' });
  }

  gatherElements(value: Value, indices: Value, axis: number): Value {
    return this.op('GatherElements', [value, indices], { axis });
  }

  where(condition: Value, yes: Operand, no: Operand): Value {
    const [left, right] = this.#operands(yes, no);
    return this.op('Where', [condition, left, right]);
  }

  cast(value: Value, type: ElementType): Value {
    return value.type === type ? value : this.op('Cast', [value], { to: elementEncoding[type].code });
  }

  /** A tensor filled with one number. */
  fill(shape: Shape, value: number, type: ElementType = 'float32'): Value {
    return this.expand(this.scalar(value, type), shape);
  }

  /** int64 [length]: 0, 1, 2, ... for a known length or a named axis. */
  range(length: number | string): Value {
    const limit =
      typeof length === 'number' ? this.scalar(length, 'int64') : this.squeeze(this.dimensions([length]), [0]);
    return this.withShape(this.op('Range', [this.scalar(0, 'int64'), limit, this.scalar(1, 'int64')]), [length]);
  }

  oneHot(indices: Value, depth: number, axis = -1): Value {
    return this.op('OneHot', [indices, this.integers(depth), this.constant('float32', [2], [0, 1])], { axis });
  }

  cumSum(value: Value, axis: number): Value {
    return this.op('CumSum', [value, this.scalar(axis, 'int64')]);
  }

  /** The k largest along an axis, largest first, and where they are. */
  topK(value: Value, k: number, axis = -1): readonly [values: Value, indices: Value] {
    const outputs = this.ops('TopK', [value, this.integers(k)], { axis }, { outputs: 2 });
    const [values = value, indices = value] = outputs;
    return [values, indices];
  }

  #binary(operator: string, left: Operand, right: Operand): Value {
    return this.op(operator, this.#operands(left, right));
  }

  #operands(left: Operand, right: Operand): readonly [Value, Value] {
    const type = typeof left !== 'number' ? left.type : typeof right !== 'number' ? right.type : 'float32';
    return [
      typeof left === 'number' ? this.scalar(left, type) : left,
      typeof right === 'number' ? this.scalar(right, type) : right,
    ];
  }

  #reduce(operator: string, value: Value, axes: readonly number[], keep: boolean): Value {
    return this.op(operator, [value, this.integers(...axes)], { keepdims: Number(keep) });
  }
}
