import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chartFolder, renderChart, repositoryFile } from '../../support/index.ts';
import { metricsInCode, readQuery } from './metric-names.ts';

/** Names that the operator and its kit have agreed on; each leaves this list when the code has it. */
const agreed = [
  ...['reconcile_total', 'reconcile_errors_total', 'reconcile_time_seconds', 'active_workers'].map((name) => `controller_runtime_${name}`),
  ...['depth', 'queue_duration_seconds', 'retries_total', 'longest_running_processor_seconds'].map((name) => `workqueue_${name}`),
  'rest_client_requests_total',
  'leader_election_master_status',
  ...['phase', 'step', 'heartbeat_age_seconds', 'checkpoint_age_seconds'].map((name) => `grm_training_run_${name}`),
  ...['ready', 'backlog_samples', 'samples_per_second', 'replicas', 'rollout_held'].map((name) => `grm_inference_service_${name}`),
];

const known = new Set([...metricsInCode(), ...agreed, 'up']);

const Alert = z.strictObject({
  alert: z.string().regex(/^GRM[A-Z][A-Za-z]+$/u),
  expr: z.string(),
  for: z.string().optional(),
  labels: z.strictObject({ severity: z.enum(['warning', 'critical']) }),
  annotations: z.strictObject({ summary: z.string(), description: z.string() }),
});
const PrometheusRule = z.object({ kind: z.literal('PrometheusRule'), spec: z.strictObject({ groups: z.array(z.strictObject({ name: z.string(), rules: z.array(Alert) })) }) });

const Panel = z.object({
  id: z.number(),
  title: z.string(),
  gridPos: z.object({ x: z.number(), y: z.number(), w: z.number(), h: z.number() }),
  targets: z.array(z.object({ expr: z.string() })).min(1),
});
const Dashboard = z.object({
  uid: z.string(),
  title: z.string(),
  templating: z.object({ list: z.array(z.object({ name: z.string(), query: z.string() })) }),
  panels: z.array(Panel),
});

describe('alerts of the chart', () => {
  let alerts: z.infer<typeof Alert>[] = [];
  beforeAll(async () => {
    const { objects } = await renderChart(['--values', repositoryFile('test/integration/chart/values/everything.yaml')]);
    const rule = PrometheusRule.parse(objects.find(({ kind }) => kind === 'PrometheusRule'));
    alerts = rule.spec.groups.flatMap(({ rules }) => rules);
  });

  it('are PromQL about metrics that exist', () => {
    expect(alerts.length).toBeGreaterThan(10);
    for (const { alert, expr } of alerts) {
      const { metrics, errors } = readQuery(expr);
      expect({ alert, errors, unknown: metrics.filter((name) => !known.has(name)) }).toEqual({ alert, errors: [], unknown: [] });
      expect(metrics.length).toBeGreaterThan(0);
    }
  });

  it('stand in README.md, each once', () => {
    const listed = [...readFileSync(join(chartFolder, 'README.md'), 'utf8').matchAll(/^\| (GRM\w+) \|/gmu)].map(([, name]) => name);
    expect(listed).toEqual(alerts.map(({ alert }) => alert));
  });

  it('name labels in their texts that their expressions keep', () => {
    for (const { alert, expr, annotations } of alerts) {
      const named = [...`${annotations.summary}${annotations.description}`.matchAll(/\$labels\.(\w+)/gu)].map(([, label]) => label ?? '');
      const kept = [...expr.matchAll(/by \(([\w, ]+)\)/gu)].map(([, labels]) => (labels ?? '').split(', '));
      for (const label of named) for (const labels of kept) expect({ alert, labels }).toEqual({ alert, labels: expect.arrayContaining([label]) });
    }
  });
});

describe.each(readdirSync(join(chartFolder, 'dashboards')))('dashboard %s', (file) => {
  const dashboard = Dashboard.parse(JSON.parse(readFileSync(join(chartFolder, 'dashboards', file), 'utf8')));

  it('asks for metrics that exist, in PromQL', () => {
    for (const { title, targets } of dashboard.panels) {
      for (const { expr } of targets) {
        const { metrics, errors } = readQuery(expr);
        expect({ title, errors, unknown: metrics.filter((name) => !known.has(name)) }).toEqual({ title, errors: [], unknown: [] });
        expect(metrics.length).toBeGreaterThan(0);
      }
    }
    const variables = dashboard.templating.list.flatMap(({ query }) => /^label_values\((\w+)/u.exec(query)?.[1] ?? []);
    expect(variables.filter((name) => !known.has(name))).toEqual([]);
  });

  it('uses no variable that it does not declare', () => {
    const used = dashboard.panels.flatMap(({ targets }) => targets.flatMap(({ expr }) => [...expr.matchAll(/\$(\w+)/gu)].map(([, name]) => name)));
    expect([...new Set(used)].filter((name) => !dashboard.templating.list.some((variable) => variable.name === name))).toEqual([]);
  });

  it('lays its panels out side by side', () => {
    expect(new Set(dashboard.panels.map(({ id }) => id)).size).toBe(dashboard.panels.length);
    for (const { gridPos: a, id } of dashboard.panels) {
      expect(a.x + a.w).toBeLessThanOrEqual(24);
      const over = dashboard.panels.filter(({ id: other, gridPos: b }) => other !== id && a.x < b.x + b.w && b.x < a.x + a.w && a.y < b.y + b.h && b.y < a.y + a.h);
      expect(over).toEqual([]);
    }
  });
});
