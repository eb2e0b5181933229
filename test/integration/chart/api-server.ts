import { type PlaneAccess, sharedControlPlane } from '@grm/controller-runtime/testing';

let plane: Promise<PlaneAccess> | undefined;

/** The control plane of the test run. */
export const controlPlane = (): Promise<PlaneAccess> => (plane ??= sharedControlPlane());

export interface KubectlOptions {
  readonly stdin?: string;
}

/** Runs kubectl as the administrator. @throws Error with kubectl's own words. */
export async function kubectl(args: readonly string[], options: KubectlOptions = {}): Promise<string> {
  return (await controlPlane()).kubectl(args, options);
}
