import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { connectJudge } from '@grm/client';
import { certificateAuthority } from '@grm/controller-runtime/testing';
import { connectNats } from '@grm/service-kit';
import { startNatsServer } from '@grm/service-kit/testing';
import { expect, it } from 'vitest';
import { temporaryFolder } from '../support/index.ts';

it('a server with a certificate of a private authority is believed by those who were given the authority, and by nobody else', async () => {
  await using folder = await temporaryFolder();
  const [authority, stranger] = [certificateAuthority('ours'), certificateAuthority('theirs')];
  const { key, certificate } = authority.issue({ commonName: 'nats', hosts: ['127.0.0.1', 'localhost'], usage: 'server' });
  const write = async (name: string, content: string): Promise<string> => {
    await writeFile(join(folder.path, name), content);
    return join(folder.path, name);
  };
  const [keyFile, certificateFile] = [await write('tls.key', key), await write('tls.crt', certificate)];
  const [ours, theirs] = [await write('ca.crt', authority.certificate), await write('other.crt', stranger.certificate)];
  await using server = await startNatsServer({ configuration: `tls { cert_file: "${certificateFile}", key_file: "${keyFile}" }` });
  const servers = [`tls://127.0.0.1:${server.port}`];

  const connection = await connectNats({ servers, name: 'test', certificateAuthority: ours, timeoutMs: 5_000 });
  expect(connection.info?.tls_required).toBe(true);
  await connection.close();
  await using judge = await connectJudge({ servers, service: 'judge', certificateAuthority: ours });
  expect(judge).toBeDefined();

  await expect(connectNats({ servers, name: 'test', timeoutMs: 1 })).rejects.toThrow('No NATS server answered');
  await expect(connectNats({ servers, name: 'test', certificateAuthority: theirs, timeoutMs: 1 })).rejects.toThrow('No NATS server answered');
  await expect(connectJudge({ servers, service: 'judge', certificateAuthority: theirs })).rejects.toThrow(/certificate/);
});
