import { GrmError } from '@grm/protocol';
import { type TemplateName, templateNames } from '@grm/spct';

/** A template's name as a task gives it. @throws GrmError `invalid-request` when this sampler does not know it. */
export function knownTemplate(name: string): TemplateName {
  const known = templateNames.find((candidate) => candidate === name);
  if (known === undefined) throw new GrmError('invalid-request', `This sampler knows no prompt template ${JSON.stringify(name)}, only ${templateNames.join(', ')}`);
  return known;
}
