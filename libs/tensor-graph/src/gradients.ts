import type { Gradient, GradientContext } from './gradient-rule.ts';
import { differentiableInAllOutputs, gradientRules } from './gradient-rules.ts';
import { GradientSum } from './gradient-sum.ts';
import type { GraphContent, GraphNode } from './graph-content.ts';
import { GraphError } from './graph-error.ts';
import type { GraphScope } from './graph-scope.ts';
import type { OperatorBuilder } from './operator-builder.ts';
import type { Value } from './value.ts';

/** The loss depends on a wanted value through something that cannot be differentiated. */
export class GradientError extends Error {
  override readonly name = 'GradientError';
  readonly operator: string;
  readonly node: string;

  constructor(operator: string, node: string, reason: string, options?: ErrorOptions) {
    super(`no gradient through ${operator} at node '${node}': ${reason}`, options);
    this.operator = operator;
    this.node = node;
  }
}

const isFloat = ({ type }: Value): boolean => type === 'float32' || type === 'float64' || type === 'float16';

/** Nodes that a value of this graph may depend on, in order of application: those of the graphs around it first. */
const tapeOf = (graph: GraphScope): readonly GraphNode[] => [
  ...(graph.parent === undefined ? [] : tapeOf(graph.parent)),
  ...graph.nodes,
];

/** Names that a node reads: its inputs and what its subgraphs take from outside. */
const reads = (node: GraphNode): readonly string[] => [
  ...node.inputs.flatMap((input) => (input === undefined ? [] : [input.name])),
  ...Object.values(node.attributes).flatMap((value) =>
    typeof value === 'object' && 'graph' in value ? readsOfGraph(value.graph) : [],
  ),
];

const readsOfGraph = (graph: GraphContent): readonly string[] => graph.nodes.flatMap(reads);

/**
 * Reverse-mode differentiation: the gradient of a scalar by each of the given float values, in their order and shapes.
 * Emits ordinary operators into `graph`, which may be a subgraph; the values may come from the graphs around it.
 * What `stopGradient` gave counts as constant. Throws GradientError, naming the operator, where the loss depends on a value through
 * an operator without a rule, and where it does not depend on it at all.
 */
export function gradients(graph: OperatorBuilder, loss: Value, withRespectTo: readonly Value[]): readonly Value[] {
  if (loss.shape.length > 0) throw new GraphError('gradients', loss.name, [loss], 'the loss must be a scalar');
  const tape = tapeOf(graph);
  const dependent = new Set(withRespectTo.map(({ name }) => name));
  for (const node of tape)
    if (node.gradientHint !== 'stop' && reads(node).some((name) => dependent.has(name)))
      for (const output of node.outputs) if (isFloat(output)) dependent.add(output.name);

  const sums = new Map<string, GradientSum>();
  const sumOf = (value: Value): GradientSum => {
    const sum = sums.get(value.name) ?? new GradientSum(graph, value);
    sums.set(value.name, sum);
    return sum;
  };
  sumOf(loss).add(graph.scalar(1, loss.type));
  for (const node of tape.toReversed()) {
    const known = node.outputs.map(({ name }) => (dependent.has(name) ? sums.get(name) : undefined));
    const onPath = reads(node).some((name) => dependent.has(name)) && known.some((sum) => sum !== undefined);
    if (!onPath) continue;
    for (const [input, gradient] of inputGradients(graph, node, known, dependent)) sumOf(input).add(gradient);
  }
  return withRespectTo.map((value) => {
    const sum = sums.get(value.name);
    if (sum === undefined) throw new GradientError('loss', loss.name, `it does not depend on '${value.name}'`);
    return graph.withShape(sum.total, value.shape);
  });
}

function inputGradients(
  graph: OperatorBuilder,
  node: GraphNode,
  known: readonly (GradientSum | undefined)[],
  dependent: ReadonlySet<string>,
): readonly (readonly [input: Value, gradient: Gradient])[] {
  const rule = gradientRules.get(node.operator);
  if (rule === undefined) throw new GradientError(node.operator, node.name, 'the operator has no gradient rule');
  const [first] = known;
  const secondary = known.some((sum, index) => index > 0 && sum !== undefined);
  if (!differentiableInAllOutputs.has(node.operator) && (first === undefined || secondary))
    throw new GradientError(node.operator, node.name, 'the loss depends on a secondary output');
  try {
    const functions = rule(contextOf(graph, node, known));
    return node.inputs.flatMap((input, index) => {
      if (input === undefined || !dependent.has(input.name)) return [];
      const gradient = functions[index];
      if (gradient === undefined) throw new RangeError(`none by input ${index}`);
      return [[input, gradient()] as const];
    });
  } catch (cause) {
    throw new GradientError(node.operator, node.name, cause instanceof Error ? cause.message : String(cause), { cause });
  }
}

function contextOf(graph: OperatorBuilder, node: GraphNode, known: readonly (GradientSum | undefined)[]): GradientContext {
  const [y] = node.outputs;
  if (y === undefined) throw new RangeError('no output');
  return {
    graph,
    node,
    x: node.inputs,
    y,
    get dy() {
      return known[0]?.total ?? graph.fill(y.shape, 0, y.type);
    },
    scattered: known[0]?.onlyScattered,
    gradient: (output) => known[output]?.total,
  };
}
