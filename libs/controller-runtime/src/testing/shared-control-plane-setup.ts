import { once } from 'node:events';
import { rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import type { ControlPlane } from './control-plane.ts';
import { planeFolder } from './plane-folder.ts';
import { type SharedPlaneAnswer, sharedPlaneVariable } from './shared-control-plane.ts';
import { startControlPlane } from './start-control-plane.ts';

/**
 * Global set-up of vitest, in its main process: whoever asks at the socket first gets a control plane started, all get the same one.
 * Several projects may name this file; the first to run serves all of them.
 */
export default async function setUp(): Promise<() => Promise<void>> {
  if (process.env[sharedPlaneVariable] !== undefined) return async () => undefined;
  const folder = await planeFolder();
  const socket = join(folder, 'shared.sock');
  let plane: Promise<ControlPlane> | undefined;
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    void answerOf((plane ??= startControlPlane())).then((answer) => connection.end(JSON.stringify(answer)));
  });
  server.listen(socket);
  await once(server, 'listening');
  process.env[sharedPlaneVariable] = socket;
  return async () => {
    delete process.env[sharedPlaneVariable];
    server.close();
    // One that could not be started has cleaned up after itself.
    await (await plane?.catch(() => undefined))?.[Symbol.asyncDispose]();
    await rm(folder, { recursive: true, force: true });
  };
}

async function answerOf(plane: Promise<ControlPlane>): Promise<SharedPlaneAnswer> {
  try {
    return { kind: 'plane', facts: (await plane).facts };
  } catch (error) {
    return { kind: 'error', message: error instanceof Error ? error.message : String(error) };
  }
}
