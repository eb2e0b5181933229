import { z } from 'zod';
import { type GRMInferenceService, grmInferenceService } from './grm-inference-service.ts';
import { type GRMTrainingRun, grmTrainingRun } from './grm-training-run.ts';
import { CLUSTER_ONLY, NOT_SUPPORTED_YET, PLANNED_ONLY } from './not-supported-yet.ts';
import { API_VERSION } from './resource-metadata.ts';

export type GRMResource = GRMTrainingRun | GRMInferenceService;

/** One thing wrong with a resource. `path` leads to the field, or to the object that lacks it. */
export interface ResourceIssue {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

export type ResourceResult =
  | { readonly ok: true; readonly resource: GRMResource }
  | { readonly ok: false; readonly issues: readonly ResourceIssue[] };

/**
 * What a resource is read for. `apply`: to be carried out on one machine. `cluster`: to be carried out by the operator. `plan`: to reckon only, so
 * fields may say what nothing can carry out yet.
 */
export type Purpose = 'apply' | 'cluster' | 'plan';

/** Checks one object against the schema of the kind that it names, and fills in the defaults. */
export function parseResource(value: unknown, purpose: Purpose = 'apply'): ResourceResult {
  const head = z.looseObject({ apiVersion: z.string(), kind: z.string() }).safeParse(value);
  if (!head.success) return refused([], 'not a resource: apiVersion and kind are needed');
  const { apiVersion, kind } = head.data;
  if (apiVersion !== API_VERSION) return refused(['apiVersion'], `apiVersion ${apiVersion} is unknown; known: ${API_VERSION}`);
  switch (kind) {
    case 'GRMTrainingRun':
      return enforced(kind, value, purpose, resultOf(kind, grmTrainingRun.safeParse(value)));
    case 'GRMInferenceService':
      return enforced(kind, value, purpose, resultOf(kind, grmInferenceService.safeParse(value)));
    default:
      return refused(['kind'], `kind ${kind} is unknown; known: ${Object.keys(NOT_SUPPORTED_YET).join(', ')}`);
  }
}

function refused(path: readonly string[], message: string): ResourceResult {
  return { ok: false, issues: [{ path, message }] };
}

function resultOf(kind: string, result: z.ZodSafeParseResult<GRMResource>): ResourceResult {
  if (result.success) return { ok: true, resource: result.data };
  return { ok: false, issues: result.error.issues.flatMap((issue) => describe(kind, issue)) };
}

/** Refuses what is there but would not be carried out. It is looked for in what was written, since defaults mean nothing of the kind. */
function enforced(kind: GRMResource['kind'], value: unknown, purpose: Purpose, result: ResourceResult): ResourceResult {
  if (!result.ok || purpose === 'plan') return result;
  const planned = kind === 'GRMTrainingRun' ? PLANNED_ONLY.map((pattern) => [pattern, 'not supported yet: only `grmctl run plan` reads it'] as const) : [];
  const cluster = purpose === 'apply' ? (CLUSTER_ONLY[kind] ?? []).map((pattern) => [pattern, 'needs the operator; remove it, or apply the manifest to a cluster'] as const) : [];
  const issues = [...planned, ...cluster].flatMap(([pattern, message]) => pathsOf(value, pattern.replaceAll('[]', '.[]').split('.')).map((path) => ({ path, message })));
  return issues.length === 0 ? result : { ok: false, issues };
}

/** Where a pattern is found in a value. */
function pathsOf(value: unknown, [step, ...rest]: readonly string[], before: readonly (string | number)[] = []): (string | number)[][] {
  if (step === undefined) return value === undefined ? [] : [[...before]];
  if (step === '[]') return Array.isArray(value) ? value.flatMap((item: unknown, index) => pathsOf(item, rest, [...before, index])) : [];
  if (typeof value !== 'object' || value === null || !Object.hasOwn(value, step)) return [];
  return pathsOf(new Map(Object.entries(value)).get(step), rest, [...before, step]);
}

function describe(kind: string, issue: z.core.$ZodIssue): ResourceIssue[] {
  const path = issue.path.map((step) => (typeof step === 'symbol' ? String(step) : step));
  if (issue.code !== 'unrecognized_keys') return [{ path, message: issue.message.replace('Invalid input: ', '') }];
  return issue.keys.map((key) => ({ path: [...path, key], message: describeUnknownField(kind, [...path, key]) }));
}

function describeUnknownField(kind: string, path: readonly (string | number)[]): string {
  if (path.length === 1 && path[0] === 'status') return 'status is written by the system; remove it from the manifest';
  const pattern = path.map((step) => (typeof step === 'number' ? '[]' : step)).join('.').replaceAll('.[]', '[]');
  return NOT_SUPPORTED_YET[kind]?.includes(pattern) === true ? 'not supported yet' : 'unknown field';
}
