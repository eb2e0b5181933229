import type { Gradient, GradientContext, GradientRule } from './gradient-rule.ts';
import type { OperatorBuilder } from './operator-builder.ts';
import { dimensionAt, elementCount, formatShape, resolveAxis } from './shape.ts';
import type { Value } from './value.ts';

const integer = ({ node }: GradientContext, name: string, otherwise: number): number => {
  const value = node.attributes[name];
  return typeof value === 'number' ? value : otherwise;
};

const at = (values: readonly (Value | undefined)[], index: number): Value => {
  const value = values[index];
  if (value === undefined) throw new TypeError(`input ${index} is missing`);
  return value;
};

/** A rule for an operator of one input. */
const unary =
  (rule: (g: OperatorBuilder, operands: { x: Value; y: Value; dy: Value }) => Value): GradientRule =>
  ({ graph, x, y, dy }) => [() => rule(graph, { x: at(x, 0), y, dy })];

interface Operands {
  readonly a: Value;
  readonly b: Value;
  readonly y: Value;
  readonly dy: Value;
}

/** A rule for an operator of two inputs: one function for each. */
const binary =
  (
    left: (g: OperatorBuilder, operands: Operands) => Value,
    right: (g: OperatorBuilder, operands: Operands) => Value,
  ): GradientRule =>
  ({ graph, x, y, dy }) => {
    const operands = { a: at(x, 0), b: at(x, 1), y, dy };
    return [() => left(graph, operands), () => right(graph, operands)];
  };

/** dy where `a` compares so with `b`, else 0. */
const where =
  (comparison: string) =>
  (g: OperatorBuilder, { a, b, dy }: Operands): Value =>
    g.mul(dy, g.cast(g.op(comparison, [a, b]), dy.type));

const powerBase = (g: OperatorBuilder, { a, b, dy }: Operands): Value => g.mul(dy, g.mul(b, g.pow(a, g.sub(b, 1))));

/** dL/dB of A.B: A^T.dy; with a plain matrix B all leading axes of A are rows of one product. */
function matMulRight(g: OperatorBuilder, { a, b, dy }: Operands): Value {
  if (b.shape.length > 2) return g.matMul(g.transposeLast(a), dy);
  return g.matMul(g.transposeLast(g.flattenRows(a)), g.flattenRows(dy));
}

const matMul: GradientRule = (context) => {
  if (context.x.some((operand) => operand !== undefined && operand.shape.length < 2))
    throw new RangeError('vectors have no gradient here: reshape them to matrices');
  return binary((g, { b, dy }) => g.matMul(dy, g.transposeLast(b)), matMulRight)(context);
};

/** Puts the axes that a reduction dropped back with length 1, and repeats along them. */
function spread({ graph, node, x, dy }: GradientContext): Value {
  const { shape } = at(x, 0);
  const given = node.inputs[1]?.elements ?? shape.map((_, axis) => axis);
  const axes = given.map((axis) => resolveAxis(Number(axis), shape.length));
  const kept = shape.map((dimension, axis) => (axes.includes(axis) ? 1 : dimension));
  return graph.expand(graph.reshape(dy, kept), shape);
}

const mean: GradientRule = (context) => [
  () => {
    const { graph, x, y, dy } = context;
    const count = graph.cast(graph.div(lengthOf(graph, at(x, 0)), lengthOf(graph, y)), dy.type);
    return graph.div(spread(context), count);
  },
];

const lengthOf = (g: OperatorBuilder, value: Value): Value => g.op('Size', [value]);

/** Rows of a table picked by index: each row's gradient goes back to where it came from, repeated rows add up. */
const gather: GradientRule = (context) => [
  () => {
    const { graph: g, x, dy } = context;
    const [table, indices] = [at(x, 0), at(x, 1)];
    const axis = resolveAxis(integer(context, 'axis', 0), table.shape.length);
    if (context.node.gradientHint === 'distinct') {
      const zeros = g.fill(table.shape, 0, table.type);
      return g.op('ScatterND', [zeros, g.unsqueeze(indices, [1]), dy], {}, { outputs: [table] });
    }
    const picked = elementCount(indices.shape);
    const shape = table.shape.with(axis, picked);
    const places = g.reshape(indices, shape.map((length, other) => (other === axis ? length : 1)));
    // ScatterND would need no repeated indices, but onnxruntime (1.30) adds in parallel there and loses updates of one row.
    // To repeat them, adding zeros is several times faster than Expand.
    const zeros = g.fill(shape.with(axis, 1), 0, indices.type);
    return { indices: g.add(places, zeros), updates: g.reshape(dy, shape), axis };
  },
];

const gatherElements: GradientRule = (context) => [
  () => ({
    indices: at(context.x, 1),
    updates: context.dy,
    axis: resolveAxis(integer(context, 'axis', 0), at(context.x, 0).shape.length),
  }),
];

const concat: GradientRule = (context) => {
  const { graph: g, x, dy } = context;
  const axis = resolveAxis(integer(context, 'axis', 0), dy.shape.length);
  const lengths = x.map((_, index) => g.dimensions([dimensionAt(at(x, index).shape, axis)]));
  let parts: readonly Value[] | undefined;
  const cut = () => (parts ??= g.ops('Split', [dy, g.concat(lengths, 0)], { axis }, { outputs: x.length }));
  return x.map((_, index) => () => at(cut(), index));
};

const split: GradientRule = (context) => [
  () => {
    const { graph: g, node } = context;
    const parts = node.outputs.map((output, index) => context.gradient(index) ?? g.fill(output.shape, 0, output.type));
    return g.concat(parts, integer(context, 'axis', 0));
  },
];

/** Zeros around the gradient, so that it stands where the slice was cut. Steps other than 1 are refused. */
const slice: GradientRule = ({ graph: g, node, x, dy }) => [
  () => {
    const source = at(x, 0);
    const starts = node.inputs[1]?.elements?.map(Number);
    const axes = (node.inputs[3]?.elements ?? starts?.map((_, axis) => axis))?.map(Number);
    if (starts === undefined || axes === undefined) throw new RangeError('bounds that depend on the run have no gradient');
    if (node.inputs[4]?.elements?.some((step) => step !== 1) === true)
      throw new RangeError('steps other than 1 have no gradient');
    const lengths = (value: Value) => g.gather(g.op('Shape', [value]), g.integers(...axes), 0);
    const before = starts.every((start) => start >= 0)
      ? g.integers(...starts)
      : g.where(g.less(g.integers(...starts), 0), g.add(g.integers(...starts), lengths(source)), g.integers(...starts));
    const after = g.sub(g.sub(lengths(source), before), lengths(dy));
    const pads = [dy, g.concat([before, after], 0), undefined, g.integers(...axes)];
    return g.op('Pad', pads, {}, { outputs: [{ type: dy.type, shape: source.shape }] });
  },
];

/** y = x / rms(x) * w, rms(x) = sqrt(mean(x^2) + epsilon); mean(dy w x/rms) is a product with w. */
const simplifiedLayerNormalization: GradientRule = (context) => {
  const { graph: g, node, x, dy } = context;
  const [source, weight] = [at(x, 0), at(x, 1)];
  const size = dimensionAt(source.shape, -1);
  if (typeof size !== 'number' || weight.shape.length !== 1)
    throw new RangeError(`normalising over other than one known last axis of ${formatShape(source.shape)} has no gradient`);
  const { epsilon } = node.attributes;
  const squares = g.op('ReduceSumSquare', [source, g.integers(-1)], { keepdims: 1 });
  const inverse = g.reciprocal(g.sqrt(g.add(g.div(squares, size), typeof epsilon === 'number' ? epsilon : 1e-5)));
  const unit = g.mul(source, inverse);
  const scaled = g.mul(dy, unit);
  return [
    () => {
      const projection = g.matMul(scaled, g.div(g.reshape(weight, [size, 1]), size));
      return g.mul(inverse, g.sub(g.mul(dy, weight), g.mul(unit, projection)));
    },
    () => scaled,
  ];
};

/** The opposite rotation: the tables' sines negated. */
const rotaryEmbedding: GradientRule = ({ graph: g, node, x, dy }) => [
  () => g.op('RotaryEmbedding', [dy, x[1], x[2], g.neg(at(x, 3))], node.attributes),
];

const axisOf = (context: GradientContext): number => integer(context, 'axis', -1);

function softmaxGradient(context: GradientContext): Value {
  const { graph: g, y, dy } = context;
  return g.mul(y, g.sub(dy, g.reduceSum(g.mul(dy, y), [axisOf(context)], true)));
}

/** dy - softmax(x) sum(dy); of picked elements, as a loss picks them, the sum is that of the few updates. */
function logSoftmaxGradient(context: GradientContext): Gradient {
  const { graph: g, y, scattered } = context;
  const axis = resolveAxis(axisOf(context), y.shape.length);
  const all = scattered?.axis === axis ? scattered.updates : context.dy;
  const share = g.mul(g.exp(y), g.neg(g.reduceSum(all, [axis], true)));
  return scattered?.axis === axis ? { ...scattered, base: share } : g.add(all, share);
}

/** y = x s(a x): dy (y a + s (1 - y a)), s the logistic function. */
function quickGeluGradient({ graph: g, node, x, y, dy }: GradientContext): Value {
  const { alpha } = node.attributes;
  const a = typeof alpha === 'number' ? alpha : 1.702;
  const [argument, scaled] = a === 1 ? [at(x, 0), y] : [g.mul(at(x, 0), a), g.mul(y, a)];
  return g.mul(dy, g.add(scaled, g.mul(g.sigmoid(argument), g.sub(1, scaled))));
}

/** y = alpha A' B' + beta C, A' and B' transposed where transA and transB say so: each factor's gradient is again a Gemm. */
const gemm: GradientRule = (context) => {
  const { graph: g, x, dy } = context;
  const [a, b] = [at(x, 0), at(x, 1)];
  const [ta, tb] = [integer(context, 'transA', 0), integer(context, 'transB', 0)];
  const { alpha: scale = 1, beta = 1 } = context.node.attributes;
  const alpha = typeof scale === 'number' ? scale : 1;
  const product = (left: Value, right: Value, transA: number, transB: number) =>
    g.op('Gemm', [left, right], { transA, transB, ...(alpha === 1 ? {} : { alpha }) });
  return [
    () => (ta === 1 ? product(b, dy, tb, 1) : product(dy, b, 0, 1 - tb)),
    () => (tb === 1 ? product(dy, a, 1, ta) : product(a, dy, 1 - ta, 0)),
    () => (beta === 1 || typeof beta !== 'number' ? dy : g.mul(dy, beta)),
  ];
};

function inverseOrder({ node, dy }: GradientContext): number[] {
  const { perm } = node.attributes;
  const order = Array.isArray(perm) ? perm.map(Number) : dy.shape.map((_, axis) => dy.shape.length - 1 - axis);
  return order.map((_, axis) => order.indexOf(axis));
}

/**
 * One reverse rule an operator (Griewank & Walther, Evaluating Derivatives, ch. 3). An operator that is not here cannot be
 * differentiated, which `gradients` says by name.
 */
export const gradientRules: ReadonlyMap<string, GradientRule> = new Map<string, GradientRule>([
  ['Identity', unary((_, { dy }) => dy)],
  ['Cast', unary((g, { x, dy }) => g.cast(dy, x.type))],
  ['Neg', unary((g, { dy }) => g.neg(dy))],
  ['Exp', unary((g, { y, dy }) => g.mul(dy, y))],
  ['Log', unary((g, { x, dy }) => g.div(dy, x))],
  ['Sqrt', unary((g, { y, dy }) => g.div(g.mul(dy, 0.5), y))],
  ['Reciprocal', unary((g, { y, dy }) => g.neg(g.mul(dy, g.mul(y, y))))],
  ['Abs', unary((g, { x, dy }) => g.mul(dy, g.op('Sign', [x])))],
  ['Sigmoid', unary((g, { y, dy }) => g.mul(dy, g.mul(y, g.sub(1, y))))],
  ['Tanh', unary((g, { y, dy }) => g.mul(dy, g.sub(1, g.mul(y, y))))],
  ['Softplus', unary((g, { x, dy }) => g.mul(dy, g.sigmoid(x)))],
  ['QuickGelu', (context) => [() => quickGeluGradient(context)]],
  ['Relu', unary((g, { x, dy }) => g.mul(dy, g.cast(g.greater(x, 0), dy.type)))],
  ['Add', binary((_, { dy }) => dy, (_, { dy }) => dy)],
  ['Sub', binary((_, { dy }) => dy, (g, { dy }) => g.neg(dy))],
  ['Mul', binary((g, { b, dy }) => g.mul(dy, b), (g, { a, dy }) => g.mul(dy, a))],
  ['Div', binary((g, { b, dy }) => g.div(dy, b), (g, { b, y, dy }) => g.neg(g.div(g.mul(dy, y), b)))],
  ['Pow', binary(powerBase, (g, { a, y, dy }) => g.mul(dy, g.mul(y, g.log(a))))],
  ['Max', binary(where('GreaterOrEqual'), where('Less'))],
  ['Min', binary(where('LessOrEqual'), where('Greater'))],
  ['Where', ({ graph: g, x, dy }) => [undefined, () => g.where(at(x, 0), dy, 0), () => g.where(at(x, 0), 0, dy)]],
  ['MatMul', matMul],
  ['Gemm', gemm],
  ['ReduceSum', (context) => [() => spread(context)]],
  ['ReduceMean', mean],
  ['Softmax', (context) => [() => softmaxGradient(context)]],
  ['LogSoftmax', (context) => [() => logSoftmaxGradient(context)]],
  ['SimplifiedLayerNormalization', simplifiedLayerNormalization],
  ['RotaryEmbedding', rotaryEmbedding],
  ['Reshape', unary((g, { x, dy }) => g.reshape(dy, x.shape))],
  ['Squeeze', unary((g, { x, dy }) => g.reshape(dy, x.shape))],
  ['Unsqueeze', unary((g, { x, dy }) => g.reshape(dy, x.shape))],
  ['Expand', unary((_, { dy }) => dy)],
  ['Transpose', (context) => [() => context.graph.transpose(context.dy, inverseOrder(context))]],
  ['Concat', concat],
  ['Split', split],
  ['Slice', slice],
  ['Gather', gather],
  ['GatherElements', gatherElements],
]);

/** Operators of which every output may take part in the loss. */
export const differentiableInAllOutputs: ReadonlySet<string> = new Set(['Split']);
