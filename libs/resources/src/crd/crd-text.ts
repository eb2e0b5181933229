import { stringify } from 'yaml';
import type { CustomResourceDefinition } from './custom-resource-definition.ts';

/** A definition as the chart carries it. Undefined fields are not there. */
export function crdText(definition: CustomResourceDefinition): string {
  const plain: unknown = JSON.parse(JSON.stringify(definition));
  return `# Generated from libs/resources by \`make crds\`.\n${stringify(plain, { lineWidth: 140 })}`;
}
