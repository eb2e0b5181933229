import type { Volume } from './kubernetes-objects.ts';
import type { PodDefaults } from './pod-defaults.ts';

/** A training run, by name. */
export interface RunName {
  readonly namespace: string;
  readonly name: string;
}

/** What a manifest may point at. Every kind of reference ends up as a path inside a container, or as the address of something that the process fetches. */
export type Reference =
  | { readonly kind: 'builtin'; readonly name: string }
  /** `written`: a folder to write to, which need not be there yet. */
  | { readonly kind: 'volume'; readonly path: string; readonly claimName?: string; readonly written?: true }
  | { readonly kind: 'artifact'; readonly run: RunName; readonly artifact: 'policy' | 'metaRM' }
  | { readonly kind: 'object'; readonly bucket: string; readonly key: string };

/** A path inside a container and the volume that must be mounted to have it there, or `nats://bucket/key`. */
export interface Place {
  readonly path: string;
  readonly mount?: { readonly volume: Volume; readonly mountPath: string; readonly readOnly: boolean };
}

/** Where workloads run: all that a plan needs to know and a manifest does not say. */
export interface Site {
  readonly image: string;
  readonly natsUrl: string;
  readonly logLevel: string;
  /** OTLP endpoint for traces and metrics; absent: no telemetry is sent. */
  readonly telemetryEndpoint?: string;
  /** Secrets with which images are pulled. */
  readonly imagePullSecrets?: readonly string[];
  readonly nats?: {
    /** ConfigMap with the server's authority as `ca.crt`. */
    readonly caConfigMap?: string;
    /** Whether each component has a Secret of its own, `<component's name>-nats`, with `nats.creds`. */
    readonly credentials: boolean;
    /** Whether that Secret holds the server's authority too, as `ca.crt`. */
    readonly authority?: boolean;
    /** Secret (kubernetes.io/tls) in each namespace with the certificate that the server asks clients for. */
    readonly clientCertificateSecret?: string;
  };
  /** What pods are to be like and where they go; absent: `usualPods`. */
  readonly pods?: PodDefaults;
  /** Storage class of claims that name none. */
  readonly storageClass?: string;
  /** Object store that a run's artefacts go to where its manifest names none. */
  readonly artifactsBucket?: string;
  /** Finds what a reference means here. May throw: the error names the reference and what is missing. */
  resolve(reference: Reference): Place;
  /** Folder that a training run may write to and finds again after a restart. */
  runFolder(run: RunName): Place;
}
