import { mkdir, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

/** What the stand-ins for the real programs do. All are small Node scripts that need nothing of this project. */
export interface FakePrograms {
  /** Body of the service programs: they serve `/readyz` and `/healthz` by then. */
  readonly service?: string;
  /** Body of the trainer, which leaves a policy and a meta RM afterwards. */
  readonly trainer?: string;
}

const SERVICE = (body: string) => `
import { createServer } from 'node:http';
const answer = { '/readyz': 200, '/healthz': 200 };
const server = createServer((request, response) => { response.statusCode = answer[request.url] ?? 404; response.end(); });
process.on('SIGTERM', () => { console.log('finishing'); process.exit(0); });
console.log('model', process.env.GRM_MODEL);
${body}
server.listen(Number(process.env.GRM_HTTP_PORT), process.env.GRM_HTTP_HOST);
`;

const TRAINER = (body: string) => `
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
const run = JSON.parse(readFileSync(process.env.GRM_RUN, 'utf8'));
console.log('training from', run.spec.base.volume.path);
${body}
for (const artifact of ['policy', 'metaRM']) {
  const folder = process.env.GRM_RUN_FOLDER + '/artifacts/' + artifact;
  mkdirSync(folder, { recursive: true });
  writeFileSync(folder + '/config.json', '{}');
}
`;

/** Writes `apps/` and `models/` below a folder, as the local runtime expects to find them. */
export async function writeFakePrograms(folder: string, { service = '', trainer = '' }: FakePrograms = {}): Promise<string> {
  const programs: Record<string, string> = { sampler: SERVICE(service), voter: SERVICE(service), 'meta-rm': SERVICE(service), trainer: TRAINER(trainer) };
  for (const [name, text] of Object.entries(programs)) {
    await mkdir(join(folder, 'apps', name, 'dist'), { recursive: true });
    await writeFile(join(folder, 'apps', name, 'dist', 'main.js'), text);
  }
  await writeFile(join(folder, 'package.json'), '{"type": "module"}');
  await mkdir(join(folder, 'models', 'nano-base'), { recursive: true });
  await writeFile(join(folder, 'models', 'nano-base', 'config.json'), '{}');
  return folder;
}
