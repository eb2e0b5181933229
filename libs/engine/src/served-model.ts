import {
  checkTensors,
  describeCheckpoint,
  type CheckpointDescription,
  type DecoderConfig,
  type ModelInMemory,
  type WeightTensor,
} from '@grm/language-model';

/** A model in memory that an engine can answer for. */
export interface NamedModel extends ModelInMemory {
  /** What `info` calls the model. */
  readonly name: string;
  /** Says which weights these are: equal weights, equal revision. */
  readonly revision: string;
}

/** Weights to go on with. */
export interface ReplacementWeights {
  /** By Hugging Face name, of the shapes that the engine's model has. Kept, not copied: do not change them afterwards. */
  readonly tensors: ReadonlyMap<string, WeightTensor>;
  readonly revision: string;
}

/** What an engine serves, and what its workers are opened with. */
export interface ServedModel {
  readonly name: string;
  readonly revision: string;
  readonly config: DecoderConfig;
  /** Rejects where the files are no longer those of `revision`. */
  source(): Promise<string | ModelInMemory>;
  /** @throws WeightsError where a tensor is missing or of another shape */
  withWeights(weights: ReplacementWeights): ServedModel;
}

/** @throws ModelNotFoundError, ModelConfigError, UnknownArchitectureError, TokenizerError, WeightsError */
export async function servedModel(model: string | NamedModel): Promise<ServedModel> {
  return typeof model === 'string' ? servedFiles(model, await describeCheckpoint(model)) : servedInMemory(model);
}

function servedFiles(path: string, { name, revision, config, tokenizer, chatTemplate }: CheckpointDescription): ServedModel {
  return {
    name,
    revision,
    config,
    source: async () => {
      const { revision: today } = await describeCheckpoint(path);
      if (today !== revision) throw new Error(`its files have changed since it was opened, to revision ${today}`);
      return path;
    },
    withWeights: (weights) => {
      const template = chatTemplate === undefined ? {} : { chatTemplate: chatTemplate.source };
      return replaced({ name, config, tokenizer: tokenizer.json, ...template }, weights);
    },
  };
}

function servedInMemory(model: NamedModel): ServedModel {
  const { name, revision, config } = model;
  return { name, revision, config, source: () => Promise.resolve(model), withWeights: (weights) => replaced(model, weights) };
}

const replaced = (model: Omit<NamedModel, 'tensors' | 'revision'>, { tensors, revision }: ReplacementWeights): ServedModel =>
  servedInMemory({ ...model, revision, tensors: checkTensors(tensors, model.config, `weights of revision ${revision}`) });
