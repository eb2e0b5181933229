import { execFile } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { renderChart, repositoryFile, temporaryFolder } from '../../support/index.ts';

const run = promisify(execFile);
const ConfigMap = z.object({ data: z.object({ 'nats.conf': z.string() }) });

it.each(['default', 'everything'])("is taken by a real nats-server: the configuration of the chart's own (%s)", async (name) => {
  const { objects } = await renderChart(['--values', repositoryFile(`test/integration/chart/values/${name}.yaml`)]);
  const { data } = ConfigMap.parse(objects.find(({ kind, metadata }) => kind === 'ConfigMap' && metadata.name === 'grm-nats'));
  expect(data['nats.conf']).toMatch(/sync_interval: always/u);
  await using folder = await temporaryFolder();
  await writeFile(join(folder.path, 'nats.conf'), data['nats.conf']);
  await writeFile(join(folder.path, 'resolver.conf'), '# accounts\n');
  const server = (await run(process.execPath, [repositoryFile('scripts/nats-server.ts')], { timeout: 300_000 })).stdout.trim();
  const { stderr } = await run(server, ['-t', '--config', join(folder.path, 'nats.conf')], { env: { ...process.env, NATS_SERVER_NAME: 'grm-nats-0' }, timeout: 10_000 });
  expect(stderr).toMatch(/configuration file .* is valid/u);
});
