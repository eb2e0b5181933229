import { z } from 'zod';
import { PodDefaultsText } from './pod-defaults-text.ts';

const whole = (minimum: number, maximum: number) => z.coerce.number().int().min(minimum).max(maximum);
const label = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?$/;
const list = (what: string) =>
  z
    .string()
    .default('')
    .transform((text) => text.split(',').map((part) => part.trim()).filter((part) => part !== ''))
    .refine((parts) => parts.every((part) => label.test(part)), `expected ${what}, separated by commas`);

/** Every environment variable that the operator reads, with its form and default. */
export const OperatorEnvironment = z.object({
  /** Namespace of the operator's own Lease and events. */
  GRM_OPERATOR_NAMESPACE: z.string().regex(label).default('default'),
  /** What the Lease calls this process; default: host name and process id. */
  GRM_OPERATOR_POD: z.string().min(1).optional(),
  /** Namespaces whose resources are reconciled; empty: all. */
  GRM_WATCH_NAMESPACES: list('names of namespaces'),
  /** Kubeconfig file; absent: the pod's own ServiceAccount, else the user's default. */
  KUBECONFIG: z.string().optional(),
  GRM_NATS_URL: z.string().min(1).default('nats://127.0.0.1:4222'),
  GRM_NATS_CREDENTIALS: z.string().optional(),
  GRM_NATS_CA: z.string().optional(),
  /** PEM files of the operator's own certificate and of its key, for servers that ask for one: both or neither. */
  GRM_NATS_CERTIFICATE: z.string().optional(),
  GRM_NATS_KEY: z.string().optional(),
  /** Copies of each stream and bucket, on as many servers of a cluster (JetStream keeps 5 at most); absent: one of what is new, and what is there stays as it is. */
  GRM_NATS_REPLICAS: whole(1, 5).optional(),
  /** File with the seed of the NATS account (nkey SA...): with it the operator issues a user of its own to each component. */
  GRM_NATS_ACCOUNT_SEED: z.string().optional(),
  /** NATS as pods reach it, where that is another address than the operator's. */
  GRM_SERVICES_NATS_URL: z.string().optional(),
  /** Image of samplers, voters, meta RMs and trainers. */
  GRM_SERVICES_IMAGE: z.string().min(1).default('grm:latest'),
  GRM_IMAGE_PULL_SECRETS: list('names of Secrets'),
  /** ConfigMap in each namespace with the NATS server's CA as `ca.crt`. */
  GRM_SERVICES_NATS_CA_CONFIG_MAP: z.string().optional(),
  /** Secret (kubernetes.io/tls) in each namespace with the certificate that the NATS server asks services for. */
  GRM_SERVICES_NATS_CERTIFICATE_SECRET: z.string().optional(),
  /** What pods of runs and services are to be like, and where they go: JSON of `PodDefaults`. */
  GRM_SERVICES_PODS: PodDefaultsText,
  GRM_SERVICES_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace']).default('info'),
  /** Storage class of runs that name none. */
  GRM_STORAGE_CLASS: z.string().optional(),
  GRM_HTTP_HOST: z.string().default('127.0.0.1'),
  /** Health and metrics. */
  GRM_HTTP_PORT: whole(0, 65_535).default(0),
  /** Admission webhook; absent: none is served. */
  GRM_WEBHOOK_PORT: whole(0, 65_535).optional(),
  /** Folder with `tls.crt` and `tls.key`, read again when they change. */
  GRM_WEBHOOK_CERTIFICATES: z.string().optional(),
  /** API requests a second in the long run, and at once. */
  GRM_API_QPS: whole(1, 10_000).default(300),
  GRM_API_BURST: whole(1, 20_000).default(500),
  /** Resources of one kind reconciled at once. */
  GRM_CONCURRENCY: whole(1, 256).default(16),
  GRM_LEADER_ELECTION: z.stringbool().default(true),
  GRM_LEASE_SECONDS: whole(3, 300).default(15),
  /** How often the backlog of an autoscaled service is looked at, seconds. */
  GRM_SCALING_PERIOD_SECONDS: z.coerce.number().min(0.1).max(300).default(5),
  GRM_LOG_LEVEL: z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent']).default('info'),
  OTEL_EXPORTER_OTLP_ENDPOINT: z.url().optional(),
});

export type OperatorEnvironment = z.output<typeof OperatorEnvironment>;
