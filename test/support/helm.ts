import { execFile } from 'node:child_process';
import { existsSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { parseAllDocuments } from 'yaml';
import { z } from 'zod';
import { repositoryFile } from './repository-file.ts';

const run = promisify(execFile);

export interface HelmResult {
  readonly code: number;
  readonly stdout: string;
  readonly stderr: string;
}

/** What every object of the Kubernetes API has; the rest as it was written. */
export const KubernetesManifest = z.looseObject({
  apiVersion: z.string(),
  kind: z.string(),
  metadata: z.looseObject({ name: z.string(), namespace: z.string().optional(), labels: z.record(z.string(), z.string()).optional() }),
});
export type KubernetesManifest = z.infer<typeof KubernetesManifest>;

export interface RenderedChart {
  readonly text: string;
  readonly objects: readonly KubernetesManifest[];
}

export const chartFolder = repositoryFile('charts/grm');

/** Rendered and linted for this Kubernetes: a helm built from source may believe in a much older one. */
export const kubeVersion = ['--kube-version', '1.35.0'];

/** Runs helm, in folders of its own, and returns however it ends. */
export async function helm(args: readonly string[]): Promise<HelmResult> {
  const folder = join(tmpdir(), 'grm-test-helm');
  const environment = { ...process.env, HELM_CACHE_HOME: folder, HELM_CONFIG_HOME: folder, HELM_DATA_HOME: folder };
  try {
    const { stdout, stderr } = await run(await helmBinary(), [...args], { env: environment, maxBuffer: 64 * 1_024 * 1_024, timeout: 60_000 });
    return { code: 0, stdout, stderr };
  } catch (error) {
    const failure = Failure.safeParse(error);
    if (!failure.success) throw error;
    return failure.data;
  }
}

const Failure = z.object({ code: z.number(), stdout: z.string(), stderr: z.string() });

/**
 * Renders charts/grm as release `grm` in `grm-system`.
 * @throws Error with helm's own words when it refuses.
 */
export async function renderChart(args: readonly string[]): Promise<RenderedChart> {
  const { code, stdout, stderr } = await helm(['template', 'grm', chartFolder, ...kubeVersion, '--namespace', 'grm-system', ...args]);
  if (code !== 0) throw new Error(stderr);
  return { text: stdout, objects: parseAllDocuments(stdout).flatMap((document) => (document.contents === null ? [] : [KubernetesManifest.parse(document.toJS())])) };
}

/** The one that `make tools` builds, else the one on PATH. */
let found: Promise<string> | undefined;
function helmBinary(): Promise<string> {
  found ??= (async () => {
    const resolver = repositoryFile('scripts/kubernetes-tools.ts');
    if (!existsSync(resolver)) return 'helm';
    const { stdout } = await run(process.execPath, [resolver], { timeout: 1_800_000 });
    return join(stdout.trim(), 'helm');
  })();
  return found;
}
