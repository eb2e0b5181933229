import { createHash } from 'node:crypto';
import type { Attributes } from './attribute.ts';
import type { ElementType } from './element-type.ts';
import type { GradientHint, GraphContent, GraphNode, Initializer } from './graph-content.ts';
import { GraphError } from './graph-error.ts';
import { operatorDomain } from './operator-domain.ts';
import type { Dimension, Shape } from './shape.ts';
import { shapeInference } from './shape-inference.ts';
import { tensorData } from './tensor-data.ts';
import type { TensorType, Value } from './value.ts';

export interface OperatorOptions {
  /** Taken from the operator's name where absent: '' or 'com.microsoft'. */
  readonly domain?: string;
  /** How many outputs are asked for (1), or what they are, for an operator without an inference rule. */
  readonly outputs?: number | readonly TensorType[];
  /** Starts the node's name, so that errors and profiles can be read. */
  readonly label?: string;
  readonly gradientHint?: GradientHint;
}

interface Names {
  count: number;
}

function integersOf(type: ElementType, data: Uint8Array): readonly number[] | undefined {
  if (type === 'int64') return Array.from(new BigInt64Array(data.slice().buffer), Number);
  return type === 'int32' ? Array.from(new Int32Array(data.slice().buffer)) : undefined;
}

/** Values, nodes and initializers of one graph or subgraph, in the order in which they are applied. */
export class GraphScope implements GraphContent {
  readonly name: string;
  readonly parent: GraphScope | undefined;
  readonly nodes: GraphNode[] = [];
  readonly inputs: Value[] = [];
  readonly outputs: Value[] = [];
  readonly initializers: Initializer[] = [];
  readonly renamed = new Map<string, string>();
  readonly #names: Names;
  readonly #values = new Set<string>();
  readonly #produced = new Set<string>();
  readonly #constants = new Map<string, Value>();
  readonly #axes = new Map<string, { value: Value; axis: number }>();

  constructor(name: string, parent?: GraphScope) {
    this.name = name;
    this.parent = parent;
    this.#names = parent === undefined ? { count: 0 } : parent.#names;
  }

  /** A tensor given at each run; of a subgraph, one that Loop passes in. */
  input(name: string, type: ElementType, shape: Shape): Value {
    const value = this.#register({ name, type, shape });
    this.inputs.push(value);
    return value;
  }

  /** Makes a value an output of this graph under the given name. */
  output(name: string, value: Value): Value {
    this.#require('output', name, [value]);
    const free = this.#produced.has(value.name) && !this.renamed.has(value.name);
    const source = free ? value : this.op('Identity', [value], {}, { label: name });
    if (source.name !== name) {
      if (this.#values.has(name)) throw new GraphError('output', name, [value], 'another value has this name');
      this.#values.add(name);
    }
    this.renamed.set(source.name, name);
    this.outputs.push(source);
    return source;
  }

  /**
   * A weight. With `external` its bytes stay out of the model and `encodeModel` lists them under the tensor's name.
   * A typed array is taken without a copy: do not change it before encoding.
   */
  initializer(
    name: string,
    type: ElementType,
    shape: readonly number[],
    values: readonly number[] | ArrayBufferView,
    options: { external?: boolean } = {},
  ): Value {
    const value = this.#register({ name, type, shape });
    const data = tensorData(type, shape, values);
    this.initializers.push({ name, ...data, ...(options.external === true ? { externalPath: name } : {}) });
    return value;
  }

  /** A constant; equal ones are stored once, in the outermost graph. */
  constant(type: ElementType, shape: readonly number[], values: readonly number[] | ArrayBufferView): Value {
    const root = this.root;
    const { data } = tensorData(type, shape, values);
    const key = `${type}[${shape.join(',')}]${createHash('sha256').update(data).digest('base64')}`;
    const known = root.#constants.get(key);
    if (known !== undefined) return known;
    const name = root.#fresh('constant');
    root.initializers.push({ name, type, shape, data: Uint8Array.from(data) });
    const elements = shape.length < 2 && data.byteLength <= 1024 ? integersOf(type, data) : undefined;
    const value = root.#register({ name, type, shape, ...(elements === undefined ? {} : { elements }) });
    root.#constants.set(key, value);
    return value;
  }

  /** Applies an operator that has one output, or of which only the first is wanted. */
  op(
    operator: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes = {},
    options: OperatorOptions = {},
  ): Value {
    const [first] = this.ops(operator, inputs, attributes, options);
    if (first === undefined) throw new GraphError(operator, options.label ?? '', inputs, 'has no output');
    return first;
  }

  /** Applies an operator; gives as many outputs as were asked for. Throws GraphError where the inputs do not fit it. */
  ops(
    operator: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes = {},
    options: OperatorOptions = {},
  ): readonly Value[] {
    const name = this.#fresh(options.label === undefined ? operator : `${options.label}/${operator}`);
    this.#require(operator, name, inputs);
    const types = this.#outputTypes(operator, name, inputs, attributes, options.outputs ?? 1);
    const outputs = types.map((type, index) => this.#register({ ...type, name: index === 0 ? `${name}:0` : `${name}:${index}` }));
    for (const output of outputs) this.#produced.add(output.name);
    const domain = options.domain ?? operatorDomain(operator);
    this.nodes.push({ name, operator, domain, inputs, outputs, attributes, gradientHint: options.gradientHint });
    return outputs;
  }

  /** The same value with axes that the caller knows better, for example two names for one length. */
  withShape(value: Value, shape: Shape): Value {
    if (shape.length !== value.shape.length)
      throw new GraphError('withShape', value.name, [value], `${shape.length} axes stated`);
    const stated = { ...value, shape };
    this.#nameAxes(stated);
    return stated;
  }

  /** int64 [axes]: the lengths of these axes at run time. A name must be an axis of some value of this graph. */
  dimensions(shape: Shape): Value {
    const numbers = shape.filter((dimension) => typeof dimension === 'number');
    if (numbers.length === shape.length) return this.constant('int64', [shape.length], numbers);
    const parts = shape.map((dimension) =>
      typeof dimension === 'number' ? this.constant('int64', [1], [dimension]) : this.#axisLength(dimension),
    );
    const [only] = parts;
    return parts.length === 1 && only !== undefined ? only : this.op('Concat', parts, { axis: 0 });
  }

  get root(): GraphScope {
    return this.parent === undefined ? this : this.parent.root;
  }

  /** Whether a value can be used here: made here or in a graph around. */
  sees(value: Value): boolean {
    return this.#values.has(value.name) || (this.parent?.sees(value) ?? false);
  }

  #axisLength(dimension: string): Value {
    const source = this.#axisSource(dimension);
    if (source === undefined) throw new RangeError(`no value of graph '${this.name}' has an axis '${dimension}'`);
    const key = `axis:${dimension}`;
    const known = this.#constants.get(key);
    if (known !== undefined) return known;
    const length = this.op('Shape', [source.value], { start: source.axis, end: source.axis + 1 });
    this.#constants.set(key, length);
    return length;
  }

  #axisSource(dimension: string): { value: Value; axis: number } | undefined {
    const own = this.#axes.get(dimension);
    return own !== undefined || this.parent === undefined ? own : this.parent.#axisSource(dimension);
  }

  #outputTypes(
    operator: string,
    node: string,
    inputs: readonly (Value | undefined)[],
    attributes: Attributes,
    outputs: number | readonly TensorType[],
  ): readonly TensorType[] {
    if (typeof outputs !== 'number') return outputs;
    const rule = shapeInference.get(operator);
    if (rule === undefined)
      throw new GraphError(operator, node, inputs, "has no shape inference rule: state its outputs' types and shapes");
    try {
      const unknown = () => this.#fresh('?');
      return rule({ inputs, attributes, outputCount: outputs, unknown }).slice(0, outputs);
    } catch (cause) {
      throw new GraphError(operator, node, inputs, cause instanceof Error ? cause.message : String(cause), { cause });
    }
  }

  #require(operator: string, node: string, inputs: readonly (Value | undefined)[]): void {
    for (const value of inputs)
      if (value !== undefined && !this.sees(value))
        throw new GraphError(operator, node, inputs, `'${value.name}' does not belong to graph '${this.name}' or one around it`);
  }

  #fresh(stem: string): string {
    return `${stem}${stem.startsWith('?') ? '' : '_'}${this.#names.count++}`;
  }

  #register<T extends Value>(value: T): T {
    if (this.sees(value)) throw new GraphError('value', value.name, [value], 'another value has this name');
    this.#values.add(value.name);
    this.#nameAxes(value);
    return value;
  }

  /** Remembers where the length of each named axis can be read. */
  #nameAxes(value: Value): void {
    value.shape.forEach((dimension: Dimension, axis) => {
      if (typeof dimension === 'string' && this.#axisSource(dimension) === undefined)
        this.#axes.set(dimension, { value, axis });
    });
  }
}
