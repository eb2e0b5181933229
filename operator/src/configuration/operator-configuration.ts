import { hostname } from 'node:os';
import { ConfigurationError } from '@grm/service-kit';
import type { PodDefaults } from '@grm/workloads';
import { defined } from '../objects/defined.ts';
import { OperatorEnvironment } from './operator-environment.ts';

/** What the operator was told. `load` is the one place that reads the environment. */
export interface OperatorConfiguration {
  readonly namespace: string;
  readonly identity: string;
  readonly watched: readonly string[] | 'all';
  readonly kubeconfig?: string;
  readonly nats: {
    readonly servers: readonly string[];
    readonly credentials?: string;
    readonly ca?: string;
    readonly clientCertificate?: { readonly certificate: string; readonly key: string };
    readonly accountSeed?: string;
    /** Copies of streams and buckets; absent: one of what is new. */
    readonly replicas?: number;
  };
  readonly services: {
    readonly image: string;
    readonly natsUrl: string;
    readonly natsCaConfigMap?: string;
    /** Whether the servers have a private authority, which goes with each user. */
    readonly natsAuthority: boolean;
    readonly natsClientCertificateSecret?: string;
    readonly pods: PodDefaults;
    readonly imagePullSecrets: readonly string[];
    readonly logLevel: string;
    readonly storageClass?: string;
    readonly telemetryEndpoint?: string;
  };
  readonly http: { readonly host: string; readonly port: number };
  readonly webhook?: { readonly port: number; readonly certificates: string };
  readonly api: { readonly queriesPerSecond: number; readonly burst: number };
  readonly concurrency: number;
  readonly leaderElection: boolean;
  readonly leaseSeconds: number;
  readonly scalingPeriodSeconds: number;
  readonly logLevel: string;
}

/** @throws ConfigurationError naming every variable that is wrong. */
export function parseOperatorConfiguration(environment: Readonly<Record<string, string | undefined>>): OperatorConfiguration {
  const set = Object.fromEntries(Object.entries(environment).filter(([, value]) => value !== undefined && value !== ''));
  const result = OperatorEnvironment.safeParse(set);
  if (!result.success) throw new ConfigurationError(new Map(result.error.issues.map(({ path, message }) => [String(path[0]), message])));
  const read = result.data;
  if (read.GRM_WEBHOOK_PORT !== undefined && read.GRM_WEBHOOK_CERTIFICATES === undefined) {
    throw new ConfigurationError(new Map([['GRM_WEBHOOK_CERTIFICATES', 'must be set to the folder with tls.crt and tls.key where GRM_WEBHOOK_PORT is set']]));
  }
  const { GRM_NATS_CERTIFICATE: certificate, GRM_NATS_KEY: key } = read;
  if ((certificate === undefined) !== (key === undefined)) {
    throw new ConfigurationError(new Map([[certificate === undefined ? 'GRM_NATS_CERTIFICATE' : 'GRM_NATS_KEY', 'must be set too: a client certificate is GRM_NATS_CERTIFICATE with its GRM_NATS_KEY']]));
  }
  return {
    namespace: read.GRM_OPERATOR_NAMESPACE,
    identity: read.GRM_OPERATOR_POD ?? `${hostname()}-${process.pid}`,
    watched: read.GRM_WATCH_NAMESPACES.length === 0 ? 'all' : read.GRM_WATCH_NAMESPACES,
    ...defined({ kubeconfig: read.KUBECONFIG }),
    nats: {
      servers: read.GRM_NATS_URL.split(',').map((server) => server.trim()),
      ...defined({ credentials: read.GRM_NATS_CREDENTIALS, ca: read.GRM_NATS_CA, accountSeed: read.GRM_NATS_ACCOUNT_SEED, replicas: read.GRM_NATS_REPLICAS }),
      ...(certificate === undefined || key === undefined ? {} : { clientCertificate: { certificate, key } }),
    },
    services: {
      image: read.GRM_SERVICES_IMAGE,
      natsUrl: read.GRM_SERVICES_NATS_URL ?? read.GRM_NATS_URL,
      natsAuthority: read.GRM_NATS_CA !== undefined,
      pods: read.GRM_SERVICES_PODS,
      imagePullSecrets: read.GRM_IMAGE_PULL_SECRETS,
      logLevel: read.GRM_SERVICES_LOG_LEVEL,
      ...defined({ natsCaConfigMap: read.GRM_SERVICES_NATS_CA_CONFIG_MAP, natsClientCertificateSecret: read.GRM_SERVICES_NATS_CERTIFICATE_SECRET, storageClass: read.GRM_STORAGE_CLASS, telemetryEndpoint: read.OTEL_EXPORTER_OTLP_ENDPOINT }),
    },
    http: { host: read.GRM_HTTP_HOST, port: read.GRM_HTTP_PORT },
    ...(read.GRM_WEBHOOK_PORT === undefined || read.GRM_WEBHOOK_CERTIFICATES === undefined ? {} : { webhook: { port: read.GRM_WEBHOOK_PORT, certificates: read.GRM_WEBHOOK_CERTIFICATES } }),
    api: { queriesPerSecond: read.GRM_API_QPS, burst: read.GRM_API_BURST },
    concurrency: read.GRM_CONCURRENCY,
    leaderElection: read.GRM_LEADER_ELECTION,
    leaseSeconds: read.GRM_LEASE_SECONDS,
    scalingPeriodSeconds: read.GRM_SCALING_PERIOD_SECONDS,
    logLevel: read.GRM_LOG_LEVEL,
  };
}

export function loadOperatorConfiguration(): OperatorConfiguration {
  return parseOperatorConfiguration(process.env);
}
