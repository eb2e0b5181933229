import { type Document, isCollection, isMap, isNode, isScalar, LineCounter, parseAllDocuments } from 'yaml';
import { ManifestError, type ManifestIssue } from './manifest-error.ts';
import { type GRMResource, parseResource, type Purpose, type ResourceIssue } from './parse-resource.ts';

/**
 * Reads the resources of a manifest file: YAML or JSON, one resource a document, empty documents skipped.
 *
 * @param file names the file in errors.
 * @param purpose what they are read for.
 * @throws {ManifestError} with every issue of the file, each with its line.
 */
export function parseManifests(text: string, file: string, purpose: Purpose = 'apply'): GRMResource[] {
  const lines = new LineCounter();
  const parsed = parseAllDocuments(text, { lineCounter: lines });
  const issueAt = (offset: number, field: string, message: string): ManifestIssue => {
    const { line, col } = lines.linePos(offset);
    return { file, line: Math.max(line, 1), column: Math.max(col, 1), field, message };
  };
  const issues: ManifestIssue[] = [];
  const resources = new Map<string, GRMResource>();
  for (const document of Array.isArray(parsed) ? parsed : []) {
    const broken = document.errors.map(({ pos, message }) => issueAt(pos[0], '', firstLine(message)));
    issues.push(...broken);
    if (broken.length > 0 || document.contents === null) continue;
    const value = valueOf(document);
    if (!value.ok) {
      issues.push(issueAt(startOf(document.contents), '', value.message));
      continue;
    }
    if (value.value === null) continue;
    const result = parseResource(value.value, purpose);
    if (!result.ok) {
      issues.push(...result.issues.map((issue) => issueAt(offsetOf(document, issue), fieldOf(document, issue), issue.message)));
      continue;
    }
    const { resource } = result;
    const key = resourceKey(resource);
    if (resources.has(key)) issues.push(issueAt(startOf(document.contents), key, 'declared a second time in this file'));
    resources.set(key, resource);
  }
  if (issues.length > 0) throw new ManifestError(issues);
  if (resources.size === 0) throw new ManifestError([issueAt(0, '', 'no resource in this file')]);
  return [...resources.values()];
}

/** `GRMTrainingRun/default/nano`: what may exist once. */
export function resourceKey({ kind, metadata }: GRMResource): string {
  return `${kind}/${metadata.namespace}/${metadata.name}`;
}

function valueOf(document: Document): { ok: true; value: unknown } | { ok: false; message: string } {
  try {
    return { ok: true, value: document.toJS() };
  } catch (error) {
    return { ok: false, message: error instanceof Error ? error.message : String(error) };
  }
}

/** Where the field of an issue starts: its key, else the nearest object around it that exists. */
function offsetOf(document: Document, { path }: ResourceIssue): number {
  let node: unknown = document.contents;
  let offset = startOf(node);
  for (const step of path) {
    if (!isCollection(node)) break;
    if (isMap(node)) {
      const key = node.items.map((pair) => pair.key).find((candidate) => isScalar(candidate) && candidate.value === step);
      if (key === undefined) break;
      offset = startOf(key);
    }
    const next: unknown = node.get(step, true);
    if (next === undefined) break;
    if (!isMap(node)) offset = startOf(next);
    node = next;
  }
  return offset;
}

function startOf(node: unknown): number {
  return isNode(node) ? (node.range?.[0] ?? 0) : 0;
}

function fieldOf(document: Document, { path }: ResourceIssue): string {
  const [kind, name] = [document.getIn(['kind']), document.getIn(['metadata', 'name'])];
  const resource = [kind, name].filter((part) => typeof part === 'string').join('/');
  const field = path.reduce<string>(
    (before, step) => (typeof step === 'number' ? `${before}[${step}]` : before === '' ? step : `${before}.${step}`),
    '',
  );
  return [resource, field].filter((part) => part !== '').join(' ');
}

function firstLine(message: string): string {
  return message.split('\n')[0]?.replace(/ at line \d+, column \d+:?$/, '') ?? message;
}
