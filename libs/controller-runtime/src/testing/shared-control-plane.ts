import { createConnection } from 'node:net';
import { text } from 'node:stream/consumers';
import { PlaneAccess, type PlaneFacts } from './plane-access.ts';

/** Where the test run's control plane is asked for: a Unix socket that `shared-control-plane-setup.ts` listens at. */
export const sharedPlaneVariable = 'SHARED_CONTROL_PLANE';

/** What is answered there, as JSON. */
export type SharedPlaneAnswer = { readonly kind: 'plane'; readonly facts: PlaneFacts } | { readonly kind: 'error'; readonly message: string };

/**
 * The one control plane of this test run. The first call starts it, so a run that never calls has none.
 * Its servers are everybody's: use a namespace and nodes of your own, and start an own plane to stop or restart servers.
 */
export async function sharedControlPlane(): Promise<PlaneAccess> {
  const socket = process.env[sharedPlaneVariable];
  if (socket === undefined) throw new Error('There is no shared control plane here: its global set-up is not in this project of vitest.config.ts. Outside vitest use startControlPlane.');
  const answer = JSON.parse(await text(createConnection(socket))) as SharedPlaneAnswer;
  if (answer.kind === 'error') throw new Error(`The shared control plane did not start. ${answer.message}`);
  return new PlaneAccess(answer.facts);
}
