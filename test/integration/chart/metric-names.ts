import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parser } from '@prometheus-io/lezer-promql';
import { collectDefaultMetrics, Registry } from 'prom-client';
import { repositoryFile } from '../../support/index.ts';

export interface Query {
  /** Metrics that it selects, without the endings that Prometheus gives histograms. */
  readonly metrics: readonly string[];
  /** Places that are no PromQL. */
  readonly errors: readonly string[];
}

/** Reads a PromQL expression; Grafana's variables stand in strings only, so they need no replacing. */
export function readQuery(expression: string): Query {
  const metrics = new Set<string>();
  const errors: string[] = [];
  parser.parse(expression).iterate({
    enter: ({ name, from, to, type, node }) => {
      if (type.isError) errors.push(`"${expression.slice(0, from)}" is followed by what is no PromQL`);
      if (name === 'Identifier' && node.parent?.name === 'VectorSelector') metrics.add(expression.slice(from, to).replace(/_(bucket|sum|count)$/u, ''));
    },
  });
  return { metrics: [...metrics], errors };
}

/** Names of all metrics that the programs' sources make, Node's own among them. */
export function metricsInCode(): Set<string> {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  const names = new Set(registry.getMetricsAsArray().map(({ name }) => name));
  for (const folder of ['libs', 'apps', 'operator'].map(repositoryFile)) {
    for (const path of readdirSync(folder, { recursive: true, encoding: 'utf8' })) {
      if (!/(^|\/)src\/.*(?<!\.test)\.ts$/u.test(path) || path.includes('node_modules')) continue;
      const text = readFileSync(join(folder, path), 'utf8');
      for (const [, name] of text.matchAll(/'((?:grm|gen_ai|controller_runtime|workqueue|rest_client|leader_election)_[a-z_]+)'/gu)) if (name !== undefined) names.add(name);
    }
  }
  registry.clear();
  return names;
}
