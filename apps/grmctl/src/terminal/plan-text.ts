import {
  type Assumed,
  type Cluster,
  type Component,
  COMPONENT_NAMES,
  COMPONENTS,
  type ImpliedUtilisation,
  type Misfit,
  type PhaseEstimate,
  type RunEstimate,
  totalMemory,
  type WaysToFit,
} from '@grm/estimate';
import { bytesText, compact, grouped, lasting, percent, scientific } from './quantities.ts';
import { type Column, table } from './table.ts';
import type { Colours } from './terminal.ts';

/** A plan for people: what it is of, what each phase takes, where memory goes, what was assumed. */
export function planText(estimate: RunEstimate, implied: readonly ImpliedUtilisation[], colours: Colours): string {
  return [
    headText(estimate),
    costTable(estimate, colours),
    ...(implied.length === 0 ? [] : [`What the durations given say:\n${impliedTable(implied, colours)}`]),
    `Memory of ${isCpu(estimate) ? 'the machine' : 'one GPU'}, ${memoryUnit(estimate).name}, of ${bytesText(usableBytes(estimate))} that may be used:\n${memoryTable(estimate, colours)}`,
    ...drawingText(estimate),
    ...(estimate.notes.length === 0 ? [] : [`Note:\n${estimate.notes.map((note) => `  ${note}`).join('\n')}`]),
    `Assumed:\n${assumptionTable(estimate, colours)}`,
    standingText(estimate),
  ].join('\n\n');
}

const isCpu = ({ cluster }: Pick<RunEstimate, 'cluster'>): boolean => cluster.device.kind === 'cpu';
const usableBytes = ({ cluster, assumptions }: RunEstimate): number => cluster.device.memory * assumptions.usableMemory;
const right = (title: string): Column => ({ title, align: 'right' });

function headText(estimate: RunEstimate): string {
  const { run, model, cluster } = estimate;
  const { device, count, devicesPerNode } = cluster;
  const rate = `${bytesText(device.bandwidth)}/s`;
  const machine = isCpu(estimate)
    ? `${count} thread${count === 1 ? '' : 's'} of a CPU: ${compact(device.flops / 1e9)} GFLOP/s each (fp32), ${bytesText(device.memory)} at ${rate}.`
    : `${count} x ${device.name}, ${Math.min(devicesPerNode, count)} a node: ${compact(device.flops / 1e12)} TFLOP/s (bf16), ${bytesText(device.memory)} at ${rate} each.`;
  const active = model.total === model.active ? '' : `, ${compact(model.active)} of them active`;
  return `${run.name}: ${model.family} of ${compact(model.total)} parameters${active}; a token takes ${bytesText(model.cacheBytesPerToken)} of cache.\nOn ${machine}`;
}

function costTable(estimate: RunEstimate, colours: Colours): string {
  const hours = isCpu(estimate) ? 'CPU-HOURS' : 'GPU-HOURS';
  const columns = [{ title: 'STAGE' }, { title: 'WORK' }, ...['ROWS', 'PROMPTS', 'GENERATED', 'SCORED', 'TRAINED', 'FORWARD', 'BACKWARD', 'TIME', hours].map(right)];
  const cells = ({ tokens, flops, seconds }: Pick<PhaseEstimate, 'tokens' | 'flops' | 'seconds'>, deviceSeconds: number): string[] => [
    ...[tokens.prompts, tokens.generated, tokens.scored, tokens.trained].map((count) => (count === 0 ? '-' : compact(count))),
    scientific(flops.prompts + flops.decoding + flops.scoring + flops.forward),
    scientific(flops.backward + flops.optimizer),
    lasting(seconds),
    grouped(deviceSeconds / 3600),
  ];
  const rows = estimate.phases.map((phase, index) => [
    estimate.phases[index - 1]?.stage === phase.stage ? '' : phase.stage,
    phase.work,
    grouped(phase.rows),
    ...cells(phase, phase.seconds * phase.devices),
  ]);
  const { total } = estimate;
  const sum = ['all', '', '', ...cells(total, total.deviceSeconds)].map((cell) => colours.bold(cell));
  return `Tokens, FLOPs forward and backward (attention included), time:\n${table(columns, [...rows, sum], colours)}`;
}

function impliedTable(implied: readonly ImpliedUtilisation[], colours: Colours): string {
  const columns = [{ title: 'STAGE' }, ...['STEPS TOOK', 'RECKONED', 'UTILISATION OVERALL', 'OF TRAINING'].map(right)];
  const rows = implied.map(({ stage, seconds, estimatedSeconds, overall, training }) => [
    stage,
    lasting(seconds),
    lasting(estimatedSeconds),
    percent(overall),
    training === undefined ? 'none: drawing alone takes longer' : percent(training),
  ]);
  return table(columns, rows, colours);
}

const COMPONENT_TITLES: Readonly<Record<Component, string>> = {
  weights: 'WEIGHTS',
  gradients: 'GRADIENTS',
  moments: 'MOMENTS',
  masterWeights: 'MASTER',
  gathered: 'GATHERED',
  activations: 'ACTIVATIONS',
  logits: 'LOGITS',
  reference: 'REFERENCE',
  copy: 'COPY',
  cache: 'CACHE',
  program: 'PROGRAM',
};

function memoryUnit({ total }: RunEstimate): { readonly name: string; readonly bytes: number } {
  return total.memory >= 10e9 ? { name: 'GB', bytes: 1e9 } : { name: 'MB', bytes: 1e6 };
}

function memoryTable(estimate: RunEstimate, colours: Colours): string {
  const { phases } = estimate;
  const unit = memoryUnit(estimate);
  const shown = COMPONENTS.filter((component) => phases.some(({ memory }) => memory[component] !== undefined));
  const amount = (bytes: number): string => (bytes / unit.bytes).toFixed(unit.bytes === 1e9 ? 1 : 0);
  const rows = phases.map(({ stage, work, memory }, index) => {
    const total = totalMemory(memory);
    const sum = amount(total);
    return [
      phases[index - 1]?.stage === stage ? '' : stage,
      work,
      ...shown.map((component) => (memory[component] === undefined ? '-' : amount(memory[component]))),
      total > usableBytes(estimate) ? colours.red(`${sum} !`) : sum,
    ];
  });
  return table([{ title: 'STAGE' }, { title: 'WORK' }, ...shown.map((component) => right(COMPONENT_TITLES[component])), right('ALL')], rows, colours);
}

function drawingText(estimate: RunEstimate): string[] {
  const lines = estimate.phases.flatMap(({ stage, work, drawing }) => {
    if (drawing === undefined) return [];
    const { copies, devicesPerCopy, sequences } = drawing;
    const unit = isCpu(estimate) ? 'thread' : 'GPU';
    const each = copies === 1 ? '' : ' each';
    return [`  ${stage} ${work}: ${grouped(copies)} ${copies === 1 ? 'copy' : 'copies'} of the model on ${devicesPerCopy} ${unit}${devicesPerCopy === 1 ? '' : 's'}${each}, drawing ${sequences} sequences at once`];
  });
  return lines.length === 0 ? [] : [`Judgements are drawn by:\n${lines.join('\n')}`];
}

function assumptionTable({ assumed }: RunEstimate, colours: Colours): string {
  const rows = assumed.map((assumption) => [assumption.option, valueText(assumption), assumption.meaning, assumption.source]);
  return table([{ title: 'OPTION' }, right('VALUE'), { title: 'MEANING' }, { title: 'FROM' }], rows, colours);
}

function valueText({ unit, value }: Assumed): string {
  switch (unit) {
    case 'count':
      return value.toLocaleString('en-US');
    case 'factor':
    case 'share':
      return String(value);
    case 'milliseconds':
      return `${value} ms`;
  }
}

/** What holds whatever the options are. */
function standingText(estimate: RunEstimate): string {
  return isCpu(estimate)
    ? 'Training keeps every activation and holds weights, gradients and moments in fp32. Time in queues, reading data and saving checkpoints is not reckoned.'
    : [
        'Training: bf16 with AdamW in fp32, everything sharded over all GPUs (ZeRO-3, FSDP), one row a GPU at a time; inputs of layers are kept and the rest',
        'recomputed, which utilisation does not count. Experts stay where they are and tokens travel. Drawing: tensor parallelism within a group. Time on the',
        'network is part of utilisation; time in queues, reading data and saving checkpoints is not reckoned.',
      ].join('\n');
}

/** Why a run is refused, and what would make it fit. */
export function misfitText(misfits: readonly Misfit[], cluster: Cluster): string {
  const cpu = cluster.device.kind === 'cpu';
  const lines = misfits.map(({ stage, work, needed, usable, largest, largestBytes }) => {
    const over = needed - usable;
    const where = cpu ? 'of the machine' : `a GPU of ${cluster.count} ${cluster.device.name}`;
    return `${stage} ${work} needs ${bytesText(needed)} ${where}, ${bytesText(over)} (${grouped(over)} bytes) more than the ${bytesText(usable)} that may be used; the largest part, ${bytesText(largestBytes)}, is ${COMPONENT_NAMES[largest]}`;
  });
  const [ways] = misfits.map(({ waysToFit }) => waysText(waysToFit));
  return [...lines, ways === undefined || ways === '' ? 'Nothing that was tried makes it fit: neither more GPUs, nor other ones, nor shorter rows.' : `It fits ${ways}.`].join('\n');
}

function waysText({ devices, otherDevices, longestRow, memory }: WaysToFit): string {
  return [
    ...(devices === undefined ? [] : [`on ${grouped(devices)} GPUs (--count ${devices})`]),
    ...(otherDevices === undefined ? [] : [`on as many ${otherDevices.slice(0, 3).join(' or ')}`]),
    ...(memory === undefined ? [] : [`in ${bytesText(memory)} (--memory)`]),
    ...(longestRow === undefined ? [] : [`with rows of at most ${grouped(longestRow)} tokens (--longest-row)`]),
  ].join(', or ');
}
