import type { GRMTrainingRun, TrainingRunSpec } from './grm-training-run.ts';
import type { BaseModel } from './model-source.ts';

/** Something that a run reads, as its manifest names it; with `written` a folder that it writes to, which need not be there yet. */
export type RunSource =
  | { readonly kind: 'builtin'; readonly name: string }
  | { readonly kind: 'volume'; readonly path: string; readonly claimName?: string; readonly written?: true }
  | { readonly kind: 'object'; readonly bucket: string; readonly key: string }
  | { readonly kind: 'artifact'; readonly run: { readonly namespace: string; readonly name: string }; readonly artifact: 'policy' };

interface Volume {
  readonly volume: { readonly path: string; readonly claimName?: string };
}

/** Gives the path that a source is to be found at, or `nats://bucket/key` of what is fetched. */
export type ResolveSource = (source: RunSource) => string;

/**
 * A run with its models, files and folders found: the one place that knows which fields name them. A corpus or dataset that
 * is generated has no file and stays as it is.
 */
export function mapRunSources(run: GRMTrainingRun, resolve: ResolveSource): GRMTrainingRun {
  const found = ({ path, claimName }: Volume['volume'], written?: true): Volume => ({
    volume: { path: resolve({ kind: 'volume', path, ...(claimName === undefined ? {} : { claimName }), ...(written === undefined ? {} : { written }) }) },
  });
  const files = <Source extends object>(source: Source): Source => ('volume' in source && isVolume(source.volume) ? { ...source, ...found(source.volume) } : source);
  const model = (source: BaseModel): Volume => {
    if ('builtin' in source) return { volume: { path: resolve({ kind: 'builtin', name: source.builtin }) } };
    if ('volume' in source) return found(source.volume);
    if ('objectStore' in source) return { volume: { path: resolve({ kind: 'object', ...source.objectStore }) } };
    return { volume: { path: resolve({ kind: 'artifact', run: { namespace: run.metadata.namespace, name: source.trainingRun.name }, artifact: 'policy' }) } };
  };
  const { base, data, stages, checkpoint } = run.spec;
  const { pretrain, rft, grpo, evaluation } = stages;
  return {
    ...run,
    spec: {
      ...run.spec,
      ...(base === undefined ? {} : { base: model(base) }),
      data: data.map(files),
      stages: {
        ...stages,
        ...(pretrain === undefined ? {} : { pretrain: { ...pretrain, corpus: files(pretrain.corpus) } }),
        ...(rft === undefined ? {} : { rft: withFilesOfRft(rft, files) }),
        ...(grpo?.filter?.model === undefined ? {} : { grpo: { ...grpo, filter: { ...grpo.filter, model: model(grpo.filter.model) } } }),
        ...(evaluation === undefined ? {} : { evaluation: { ...evaluation, suites: evaluation.suites.map(files) } }),
      },
      checkpoint: checkpoint.to === undefined || !('volume' in checkpoint.to) ? checkpoint : { ...checkpoint, to: found(checkpoint.to.volume, true) },
    },
  };
}

type Stage = NonNullable<TrainingRunSpec['stages']['rft']>;

function withFilesOfRft(stage: Stage, files: <Source extends object>(source: Source) => Source): Stage {
  const { kept, general } = stage;
  return {
    ...stage,
    ...(kept === undefined ? {} : { kept: files(kept) }),
    ...(general === undefined ? {} : { general: { ...general, corpus: files(general.corpus) } }),
  };
}

const isVolume = (value: unknown): value is Volume['volume'] => typeof value === 'object' && value !== null && 'path' in value && typeof value.path === 'string';
