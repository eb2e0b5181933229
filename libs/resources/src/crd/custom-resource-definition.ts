import type { z } from 'zod';
import type { Rule } from '../kubernetes-schema.ts';
import { API_VERSION } from '../resource-metadata.ts';
import { structuralSchema, type StructuralSchema } from './structural-schema.ts';

export interface PrinterColumn {
  readonly name: string;
  readonly type: 'string' | 'integer' | 'number' | 'date' | 'boolean';
  readonly jsonPath: string;
  readonly description?: string;
  /** Above 0: shown with `-o wide` only. */
  readonly priority?: number;
}

export interface KindDescription {
  readonly kind: string;
  readonly plural: string;
  readonly shortName: string;
  readonly description: string;
  readonly spec: z.ZodType;
  readonly status: z.ZodType;
  readonly rules: readonly Rule[];
  readonly columns: readonly PrinterColumn[];
  readonly scale?: { readonly specReplicasPath: string; readonly statusReplicasPath: string; readonly labelSelectorPath: string };
}

/** apiextensions.k8s.io/v1 CustomResourceDefinition. */
export interface CustomResourceDefinition {
  readonly apiVersion: 'apiextensions.k8s.io/v1';
  readonly kind: 'CustomResourceDefinition';
  readonly metadata: { readonly name: string };
  readonly spec: unknown;
}

/** Names are subject tokens and parts of other names, which is why they are held to labels (RFC 1123). */
const nameRule: Rule = { rule: "self.metadata.name.matches('^[a-z0-9]([-a-z0-9]*[a-z0-9])?$') && self.metadata.name.size() <= 63", message: 'metadata.name is at most 63 lower-case letters, digits and "-", starting and ending with a letter or digit' };

export function customResourceDefinition(kind: KindDescription): CustomResourceDefinition {
  const [group = '', version = ''] = API_VERSION.split('/');
  const schema: StructuralSchema = {
    type: 'object',
    description: kind.description,
    required: ['spec'],
    properties: {
      apiVersion: { type: 'string', description: 'Version of this schema: grm.dev/v1alpha1.' },
      kind: { type: 'string', description: `The kind: ${kind.kind}.` },
      metadata: { type: 'object' },
      spec: structuralSchema(kind.spec, 'spec'),
      status: structuralSchema(kind.status, 'status'),
    },
    'x-kubernetes-validations': [nameRule, ...kind.rules],
  };
  return {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${kind.plural}.${group}` },
    spec: {
      group,
      scope: 'Namespaced',
      names: { kind: kind.kind, listKind: `${kind.kind}List`, plural: kind.plural, singular: kind.kind.toLowerCase(), shortNames: [kind.shortName], categories: ['grm'] },
      versions: [
        {
          name: version,
          served: true,
          storage: true,
          additionalPrinterColumns: kind.columns,
          schema: { openAPIV3Schema: schema },
          subresources: { status: {}, ...(kind.scale === undefined ? {} : { scale: kind.scale }) },
        },
      ],
    },
  };
}
