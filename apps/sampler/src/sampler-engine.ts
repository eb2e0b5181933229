import type { Engine } from '@grm/engine';

/** What a sampler asks of an engine. */
export type SamplerEngine = Pick<Engine, 'info' | 'generate' | 'server'> & AsyncDisposable;

/** Token of the engine that a process draws with. */
export const SAMPLER_ENGINE = Symbol('grm.sampler-engine');
