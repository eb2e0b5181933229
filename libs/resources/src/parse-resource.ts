import { z } from 'zod';
import { type GRMInferenceService, grmInferenceService } from './grm-inference-service.ts';
import { type GRMTrainingRun, grmTrainingRun } from './grm-training-run.ts';
import { NOT_SUPPORTED_YET, PLANNED_ONLY } from './not-supported-yet.ts';
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

/** What a resource is read for. `plan`: to reckon only, so fields may say what nothing here can carry out yet. */
export type Purpose = 'apply' | 'plan';

/** Checks one object against the schema of the kind that it names, and fills in the defaults. */
export function parseResource(value: unknown, purpose: Purpose = 'apply'): ResourceResult {
  const head = z.looseObject({ apiVersion: z.string(), kind: z.string() }).safeParse(value);
  if (!head.success) return refused([], 'not a resource: apiVersion and kind are needed');
  const { apiVersion, kind } = head.data;
  if (apiVersion !== API_VERSION) return refused(['apiVersion'], `apiVersion ${apiVersion} is unknown; known: ${API_VERSION}`);
  switch (kind) {
    case 'GRMTrainingRun':
      return purpose === 'plan' ? resultOf(kind, grmTrainingRun.safeParse(value)) : enforced(resultOf(kind, grmTrainingRun.safeParse(value)));
    case 'GRMInferenceService':
      return resultOf(kind, grmInferenceService.safeParse(value));
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

/** Refuses what nothing here can carry out yet. */
function enforced(result: ResourceResult): ResourceResult {
  if (!result.ok) return result;
  const issues = PLANNED_ONLY.filter(([path]) => path.reduce<unknown>(fieldOf, result.resource) !== undefined);
  return issues.length === 0 ? result : { ok: false, issues: issues.map(([path, message]) => ({ path, message })) };
}

const fieldOf = (value: unknown, key: string): unknown =>
  typeof value === 'object' && value !== null ? new Map(Object.entries(value)).get(key) : undefined;

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
