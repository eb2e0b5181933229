import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { chartFolder, helm, kubeVersion } from '../../support/index.ts';
import { documentedValues, leafPaths, valuesTable } from './values-table.ts';

const valuesText = readFileSync(join(chartFolder, 'values.yaml'), 'utf8');
const external = ['--set', 'nats.server.enabled=false'];

async function refusalOf(args: readonly string[]): Promise<string> {
  const { code, stderr } = await helm(['template', 'grm', chartFolder, ...kubeVersion, ...args]);
  return code === 0 ? 'accepted' : stderr;
}

describe('values of the chart', () => {
  it.each([
    ['watch.namspaces={team-a}', "at '/watch': additional properties 'namspaces' not allowed"],
    ['operater.replicas=3', "at '': additional properties 'operater' not allowed"],
    ['operator.replicas=0', "at '/operator/replicas': minimum: got 0, want 1"],
    ['operator.replicas=two', "at '/operator/replicas': got string, want integer"],
    ['operator.logLevel=verbose', "at '/operator/logLevel': value must be one of 'fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'"],
    ['operator.resources.limit.memory=1Gi', "at '/operator/resources': additional properties 'limit' not allowed"],
    ['watch.namespaces={Team_A}', "at '/watch/namespaces/0': 'Team_A' does not match pattern"],
    ['nats.url=nats.example:4222', "at '/nats/url': 'nats.example:4222' does not match pattern"],
    ['nats.server.storage.size=10GB', "at '/nats/server/storage/size': '10GB' does not match pattern"],
    ['image.digest=0123', "at '/image/digest': '0123' does not match pattern"],
    ['webhook.failurePolicy=Warn', "at '/webhook/failurePolicy': value must be one of 'Fail', 'Ignore'"],
    ['telemetry.otlpEndpoint=collector:4318', "at '/telemetry/otlpEndpoint': 'collector:4318' does not match pattern"],
    ['monitoring.rules.rolloutHeldFor=quarter', "at '/monitoring/rules/rolloutHeldFor': 'quarter' does not match pattern"],
    ['nats.replicas=7', "at '/nats/replicas': maximum: got 7, want 5"],
    ['services.podLabels.grm\\.dev/revision=mine', "invalid propertyName 'grm.dev/revision'"],
    ['networkPolicy.metricsFrom[0].namespace=a', "at '/networkPolicy/metricsFrom/0': additional properties 'namespace' not allowed"],
  ])('refuse %s and say where and why', async (value, message) => {
    expect(await refusalOf(['--set', value])).toContain(message);
  });

  it.each([
    [['--set', 'nats.url=nats://nats.example:4222'], "nats.url is set beside the chart's own server"],
    [external, 'there is no NATS server'],
    [[...external, '--set', 'nats.url=nats://nats.example:4222'], 'nats.issueCredentials needs the seed of your account'],
    [['--set', 'nats.issueCredentials=false'], "the chart's own NATS server lets nobody in without credentials"],
    [['--set', 'nats.replicas=3'], "the chart's own is one: leave it empty"],
    [[...external, '--set', 'nats.url=tls://nats.example:4222,nats.issueCredentials=false,nats.caSecret.name=ca'], 'services would not believe the server'],
    [[...external, '--set', 'nats.url=tls://nats.example:4222,nats.issueCredentials=false,nats.clientCertificateSecret.name=mine'], 'name the Secret of theirs'],
    [['--set', 'webhook.enabled=true'], 'webhook.enabled needs a certificate'],
    [['--set', 'webhook.enabled=true,webhook.certificateSecret=tls'], 'webhook.enabled needs the authority'],
  ])('that contradict each other (%j) are refused with what to do', async (args, message) => {
    expect(await refusalOf(args)).toContain(message);
  });

  it('are all described', () => {
    const described = documentedValues(valuesText).map(({ path }) => path);
    const bare = leafPaths(parse(valuesText)).filter((leaf) => !described.some((path) => leaf === path || leaf.startsWith(`${path}.`)));
    expect(bare).toEqual([]);
  });

  it('are those that the schema knows', () => {
    const schema = Schema.parse(JSON.parse(readFileSync(join(chartFolder, 'values.schema.json'), 'utf8')));
    const known = schemaPaths(schema, schema.$defs ?? {}).filter((path) => path !== 'global');
    const documented = documentedValues(valuesText).map(({ path }) => path);
    expect(known.filter((path) => !documented.some((other) => path === other || path.startsWith(`${other}.`)))).toEqual([]);
    expect(documented.filter((path) => !known.some((other) => other === path || other.startsWith(`${path}.`)))).toEqual([]);
  });

  it('stand in README.md as values.yaml has them (vitest -u writes it)', async () => {
    const path = join(chartFolder, 'README.md');
    const table = valuesTable(documentedValues(valuesText));
    const current = readFileSync(path, 'utf8').replace(/(<!-- values -->\n)[\s\S]*(<!-- \/values -->)/u, (_, before: string, after: string) => `${before}${table}\n${after}`);
    expect(current).toContain(table);
    await expect(current).toMatchFileSnapshot(path);
  });
});

interface Schema {
  readonly $ref?: string | undefined;
  readonly properties?: Readonly<Record<string, Schema>> | undefined;
  readonly $defs?: Readonly<Record<string, Schema>> | undefined;
}
const Schema: z.ZodType<Schema> = z.lazy(() => z.object({ $ref: z.string().optional(), properties: z.record(z.string(), Schema).optional(), $defs: z.record(z.string(), Schema).optional() }));

/** Paths of everything in a schema that has no properties of its own. */
function schemaPaths(schema: Schema, definitions: Readonly<Record<string, Schema>>, path = ''): string[] {
  const { properties } = definitions[schema.$ref?.replace('#/$defs/', '') ?? ''] ?? schema;
  if (properties === undefined) return [path];
  return Object.entries(properties).flatMap(([key, below]) => schemaPaths(below, definitions, path === '' ? key : `${path}.${key}`));
}
