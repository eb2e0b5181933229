export { type CertificateAuthority, certificateAuthority } from './certificate-authority.ts';
export { ControlPlane, type ServerName } from './control-plane.ts';
export { PlaneAccess, type PlaneFacts, type User } from './plane-access.ts';
export { type ToolOptions, ToolFailedError } from './run-tool.ts';
export { type ControlPlaneOptions, startControlPlane } from './start-control-plane.ts';
export { waitUntil, type WaitOptions } from './wait-until.ts';
