import type { Toleration } from './pod-defaults.ts';

/**
 * The part of the Kubernetes API that the plan uses, as plain data. Field for field a subset of the API's own
 * types (apps/v1, batch/v1, core/v1, policy/v1, networking.k8s.io/v1), so that the objects can be applied as they are.
 */
export type KubernetesObject = Deployment | Job | Service | ConfigMap | ServiceAccount | PersistentVolumeClaim | PodDisruptionBudget | NetworkPolicy;

type Labels = Readonly<Record<string, string>>;

export interface ObjectMetadata {
  readonly name: string;
  readonly namespace: string;
  readonly labels: Labels;
  readonly annotations?: Readonly<Record<string, string>>;
}

export interface Deployment {
  readonly apiVersion: 'apps/v1';
  readonly kind: 'Deployment';
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly replicas?: number;
    readonly selector: { readonly matchLabels: Labels };
    readonly strategy: {
      readonly type: 'RollingUpdate';
      readonly rollingUpdate: { readonly maxSurge: number; readonly maxUnavailable: number };
    };
    readonly template: PodTemplate;
  };
}

export interface Job {
  readonly apiVersion: 'batch/v1';
  readonly kind: 'Job';
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly backoffLimit: number;
    readonly completions?: number;
    readonly parallelism?: number;
    readonly suspend?: boolean;
    readonly activeDeadlineSeconds?: number;
    readonly podReplacementPolicy?: 'Failed';
    readonly podFailurePolicy?: { readonly rules: readonly PodFailureRule[] };
    readonly template: PodTemplate;
  };
}

export interface PodFailureRule {
  readonly action: 'Ignore' | 'FailJob' | 'Count';
  readonly onExitCodes?: { readonly containerName: string; readonly operator: 'In' | 'NotIn'; readonly values: readonly number[] };
  readonly onPodConditions?: readonly { readonly type: string; readonly status: string }[];
}

export interface Service {
  readonly apiVersion: 'v1';
  readonly kind: 'Service';
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly clusterIP?: 'None';
    readonly selector: Labels;
    readonly ports: readonly { readonly name: string; readonly port: number; readonly targetPort: string }[];
  };
}

export interface ConfigMap {
  readonly apiVersion: 'v1';
  readonly kind: 'ConfigMap';
  readonly metadata: ObjectMetadata;
  readonly immutable: boolean;
  readonly data: Readonly<Record<string, string>>;
}

export interface ServiceAccount {
  readonly apiVersion: 'v1';
  readonly kind: 'ServiceAccount';
  readonly metadata: ObjectMetadata;
  readonly automountServiceAccountToken: false;
}

export interface PersistentVolumeClaim {
  readonly apiVersion: 'v1';
  readonly kind: 'PersistentVolumeClaim';
  readonly metadata: ObjectMetadata;
  readonly spec: { readonly accessModes: readonly string[]; readonly storageClassName?: string; readonly resources: { readonly requests: { readonly storage: string } } };
}

export interface PodDisruptionBudget {
  readonly apiVersion: 'policy/v1';
  readonly kind: 'PodDisruptionBudget';
  readonly metadata: ObjectMetadata;
  readonly spec: { readonly maxUnavailable: number; readonly selector: { readonly matchLabels: Labels } };
}

export interface NetworkPolicy {
  readonly apiVersion: 'networking.k8s.io/v1';
  readonly kind: 'NetworkPolicy';
  readonly metadata: ObjectMetadata;
  readonly spec: {
    readonly podSelector: { readonly matchLabels: Labels };
    readonly policyTypes: readonly ('Ingress' | 'Egress')[];
    readonly ingress: readonly { readonly ports: readonly NetworkPort[] }[];
    readonly egress: readonly { readonly ports: readonly NetworkPort[] }[];
  };
}

export interface NetworkPort {
  readonly protocol: 'TCP' | 'UDP';
  readonly port: number | string;
}

export interface PodTemplate {
  readonly metadata: { readonly labels: Labels; readonly annotations?: Readonly<Record<string, string>> };
  readonly spec: PodSpec;
}

export interface PodSpec {
  readonly serviceAccountName?: string;
  readonly imagePullSecrets?: readonly { readonly name: string }[];
  readonly nodeSelector?: Labels;
  readonly tolerations?: readonly Toleration[];
  readonly priorityClassName?: string;
  readonly runtimeClassName?: string;
  readonly topologySpreadConstraints?: readonly { readonly maxSkew: number; readonly topologyKey: string; readonly whenUnsatisfiable: 'ScheduleAnyway'; readonly labelSelector: { readonly matchLabels: Labels } }[];
  /** Those that always restart are sidecars: up before the containers, and ended after them (Kubernetes 1.29). */
  readonly initContainers?: readonly SidecarContainer[];
  /** Without them no Service's name becomes a variable: one called vllm would set VLLM_PORT, which vLLM reads. */
  readonly enableServiceLinks?: false;
  readonly containers: readonly Container[];
  readonly volumes: readonly Volume[];
  readonly restartPolicy: 'Always' | 'Never';
  readonly terminationGracePeriodSeconds: number;
  readonly automountServiceAccountToken: boolean;
  readonly securityContext: {
    readonly runAsNonRoot: boolean;
    readonly runAsUser: number;
    readonly fsGroup: number;
    readonly seccompProfile: { readonly type: 'RuntimeDefault' };
  };
}

export type Amounts = Readonly<Record<string, string>>;

export interface Container {
  readonly name: string;
  readonly image: string;
  /** Absent: the image's own. */
  readonly command?: readonly string[];
  /** $(NAME) stands for a variable of `env`. */
  readonly args?: readonly string[];
  /** The end of the log is what a container leaves as its last words when it fails. */
  readonly terminationMessagePolicy: 'FallbackToLogsOnError';
  readonly env: readonly EnvironmentVariable[];
  readonly ports: readonly { readonly name: string; readonly containerPort: number }[];
  readonly resources: { readonly requests: Amounts; readonly limits?: Amounts };
  readonly volumeMounts: readonly VolumeMount[];
  readonly startupProbe?: Probe;
  readonly readinessProbe?: Probe;
  readonly livenessProbe?: Probe;
  readonly securityContext: {
    readonly allowPrivilegeEscalation: boolean;
    readonly readOnlyRootFilesystem: boolean;
    readonly capabilities: { readonly drop: readonly string[] };
  };
}

export interface SidecarContainer extends Container {
  readonly restartPolicy: 'Always';
}

export type EnvironmentVariable = { readonly name: string; readonly value: string } | { readonly name: string; readonly valueFrom: { readonly secretKeyRef: { readonly name: string; readonly key: string } } };

export interface Probe {
  readonly httpGet: { readonly path: string; readonly port: string };
  readonly periodSeconds: number;
  readonly timeoutSeconds: number;
  readonly failureThreshold: number;
}

export interface VolumeMount {
  readonly name: string;
  readonly mountPath: string;
  readonly readOnly?: boolean;
}

export type Volume =
  | { readonly name: string; readonly emptyDir: { readonly medium?: 'Memory'; readonly sizeLimit?: string } }
  | { readonly name: string; readonly configMap: { readonly name: string } }
  | { readonly name: string; readonly secret: { readonly secretName: string } }
  | { readonly name: string; readonly persistentVolumeClaim: { readonly claimName: string; readonly readOnly?: boolean } };
