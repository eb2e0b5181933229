import { readFileSync } from 'node:fs';
import { resourceType } from '@grm/controller-runtime';
import { type PlaneAccess, waitUntil } from '@grm/controller-runtime/testing';
import { parse } from 'yaml';
import { z } from 'zod';
import { repositoryFile } from '../repository-file.ts';

/** A structural schema, as much of it as tests read. */
export interface CrdSchema {
  readonly type?: string | undefined;
  readonly enum?: readonly unknown[] | undefined;
  readonly pattern?: string | undefined;
  readonly required?: readonly string[] | undefined;
  readonly properties?: Readonly<Record<string, CrdSchema>> | undefined;
  readonly items?: CrdSchema | undefined;
  readonly minimum?: number | undefined;
  readonly maximum?: number | undefined;
  readonly exclusiveMinimum?: boolean | undefined;
  readonly minLength?: number | undefined;
  readonly maxLength?: number | undefined;
  readonly minItems?: number | undefined;
  readonly maxItems?: number | undefined;
  readonly 'x-kubernetes-list-map-keys'?: readonly string[] | undefined;
  readonly 'x-kubernetes-validations'?: readonly { readonly rule: string; readonly message: string }[] | undefined;
}

const crdSchema: z.ZodType<CrdSchema> = z.lazy(() =>
  z.looseObject({
    type: z.string().optional(),
    enum: z.array(z.unknown()).optional(),
    pattern: z.string().optional(),
    required: z.array(z.string()).optional(),
    properties: z.record(z.string(), crdSchema).optional(),
    items: crdSchema.optional(),
    minimum: z.number().optional(),
    maximum: z.number().optional(),
    exclusiveMinimum: z.boolean().optional(),
    minLength: z.number().optional(),
    maxLength: z.number().optional(),
    minItems: z.number().optional(),
    maxItems: z.number().optional(),
    'x-kubernetes-list-map-keys': z.array(z.string()).optional(),
    'x-kubernetes-validations': z.array(z.looseObject({ rule: z.string(), message: z.string() })).optional(),
  }),
);

const definition = z.looseObject({
  metadata: z.looseObject({ name: z.string() }),
  spec: z.looseObject({
    names: z.looseObject({ kind: z.enum(['GRMTrainingRun', 'GRMInferenceService']) }),
    versions: z.tuple([z.looseObject({ schema: z.looseObject({ openAPIV3Schema: crdSchema }) })]),
  }),
});

export type GrmKind = z.infer<typeof definition>['spec']['names']['kind'];

export const crdFolder = repositoryFile('charts/grm/crds');

/** The definitions that the chart installs, as they lie there. */
export const chartCrds = ['grmtrainingruns.grm.dev', 'grminferenceservices.grm.dev'].map((name) => {
  const { metadata, spec } = definition.parse(parse(readFileSync(`${crdFolder}/grm.dev_${name.split('.')[0]}.yaml`, 'utf8')));
  return { name: metadata.name, kind: spec.names.kind, schema: spec.versions[0].schema.openAPIV3Schema };
});

export interface GrmObject {
  readonly apiVersion: string;
  readonly kind: string;
  readonly metadata: { readonly name: string; readonly namespace: string; readonly labels?: Readonly<Record<string, string>> };
  readonly spec: unknown;
  readonly status?: unknown;
}

const grmType = (kind: GrmKind, plural: string) => resourceType<GrmObject>({ apiVersion: 'grm.dev/v1alpha1', kind, plural, namespaced: true });
export const grmTypes = { GRMTrainingRun: grmType('GRMTrainingRun', 'grmtrainingruns'), GRMInferenceService: grmType('GRMInferenceService', 'grminferenceservices') };

/** Installs the definitions of the chart and waits until both kinds are served. */
export async function installCrds(plane: PlaneAccess): Promise<void> {
  await plane.kubectl(['apply', '--server-side', '--force-conflicts', '--filename', crdFolder]);
  await plane.kubectl(['wait', '--for=condition=Established', '--timeout=20s', ...chartCrds.map(({ name }) => `crd/${name}`)]);
  await waitUntil(() => Promise.all(Object.values(grmTypes).map((type) => plane.client.list(type))), { what: 'the kinds of grm.dev' });
}
