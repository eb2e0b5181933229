export { openEmbeddedEngine, type EmbeddedEngine, type EmbeddedEngineOptions } from './embedded-engine.ts';
export type { Completion, Engine, EngineInfo, GenerateRequest } from './engine.ts';
export { EngineBusyError } from './engine-busy-error.ts';
export { instantEngine } from './instant-engine.ts';
export { ModelUnavailableError } from './model-unavailable-error.ts';
export type { NamedModel, ReplacementWeights } from './served-model.ts';
export { GenerationRequestError, PromptTooLongError, type ChatMessage, type Prompt } from '@grm/language-model';
