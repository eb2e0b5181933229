import type { EngineDialect, EngineServer, OpenAIEngine } from '@grm/resources';
import type { Amounts, EnvironmentVariable, Probe, SidecarContainer, Volume, VolumeMount } from './kubernetes-objects.ts';
import type { Place } from './site.ts';

export interface ServerOptions {
  readonly component: 'sampler' | 'meta-rm';
  /** Where the model lies; undefined: the server gets it itself, by its name. */
  readonly place: Place | undefined;
  /** What the server is to call the model. */
  readonly model: string;
  /** Whole GPUs of the server. */
  readonly gpus: number;
}

/** A server beside the process that asks it, and the volumes that it needs. */
export interface Sidecar {
  readonly container: SidecarContainer;
  readonly volumes: readonly Volume[];
}

const HOME = '/home/server';

/**
 * A container that starts before the pod's own and ends after it (a native sidecar), so that the process finds a loaded model and can finish what it has asked for.
 * It writes to its home, where servers keep what they compile and fetch, to /tmp, and nowhere else.
 */
export function planServer({ dialect, apiKeySecret, server }: Extract<OpenAIEngine, { server: unknown }>, options: ServerOptions): Sidecar {
  const { place, model } = options;
  const { command, args } = commandOf(dialect, server, options, apiKeySecret !== undefined);
  const own: EnvironmentVariable[] = [
    ...Object.entries({
      GRM_MODEL: place?.path ?? model,
      GRM_SERVER_MODEL: model,
      GRM_SERVER_PORT: String(server.port),
      HOME,
      // No image knows the name of this user, and PyTorch asks for one.
      USER: 'grm',
      LOGNAME: 'grm',
    }).map(([name, value]) => ({ name, value })),
    ...(apiKeySecret === undefined ? [] : [{ name: keyVariables[dialect], valueFrom: { secretKeyRef: { ...apiKeySecret } } }]),
  ];
  const given = server.environment.map((variable): EnvironmentVariable => ('value' in variable ? { name: variable.name, value: variable.value } : { name: variable.name, valueFrom: { secretKeyRef: variable.secret } }));
  const { volumes, mounts } = storage(server, place);
  return {
    volumes,
    container: {
      name: 'server',
      image: server.image,
      restartPolicy: 'Always',
      ...(command.length === 0 ? {} : { command }),
      args,
      // A name may be there once; what the manifest says comes last.
      env: [...own.filter(({ name }) => !given.some((other) => other.name === name)), ...given],
      ports: [{ name: 'server', containerPort: server.port }],
      resources: amountsOf(server, options.gpus),
      volumeMounts: mounts,
      terminationMessagePolicy: 'FallbackToLogsOnError',
      startupProbe: probe({ periodSeconds: 10, timeoutSeconds: 5, failureThreshold: Math.ceil(server.startupSeconds / 10) }),
      // A server under load may be slow to say that it is well.
      livenessProbe: probe({ periodSeconds: 10, timeoutSeconds: 10, failureThreshold: 12 }),
      securityContext: { allowPrivilegeEscalation: false, readOnlyRootFilesystem: true, capabilities: { drop: ['ALL'] } },
    },
  };
}

/** Variable in which a server finds the key that it is to ask for; SGLang has only an argument. */
const keyVariables: Readonly<Record<EngineDialect, string>> = { VLLM: 'VLLM_API_KEY', SGLang: 'GRM_SERVER_API_KEY', LlamaCpp: 'LLAMA_API_KEY' };

interface Command {
  readonly command: readonly string[];
  readonly args: readonly string[];
}

function commandOf(dialect: EngineDialect, { command, args }: EngineServer, options: ServerOptions, withKey: boolean): Command {
  if (command !== undefined) return { command, args };
  const usual = commands[dialect](options, withKey);
  return { command: usual.command, args: [...usual.args, ...args] };
}

const port = '$(GRM_SERVER_PORT)';
const model = '$(GRM_MODEL)';
const name = '$(GRM_SERVER_MODEL)';

/** How each kind of server is started so that probes, metrics and the process beside it find what they look for. An empty command is the image's own. */
const commands: Readonly<Record<EngineDialect, (options: ServerOptions, withKey: boolean) => Command>> = {
  VLLM: ({ gpus }) => ({
    command: ['vllm', 'serve', model],
    args: ['--served-model-name', name, '--port', port, ...(gpus > 1 ? ['--tensor-parallel-size', String(gpus)] : [])],
  }),
  SGLang: ({ component, gpus }, withKey) => ({
    command: ['python3', '-m', 'sglang.launch_server'],
    args: [
      ...['--model-path', model, '--served-model-name', name, '--host', '0.0.0.0', '--port', port, '--enable-metrics'],
      ...(component === 'meta-rm' ? ['--is-embedding'] : []),
      ...(gpus > 1 ? ['--tp-size', String(gpus)] : []),
      ...(withKey ? ['--api-key', `$(${keyVariables.SGLang})`] : []),
    ],
  }),
  LlamaCpp: ({ component, place }) => ({
    command: [],
    args: [
      ...[place === undefined ? '--hf-repo' : '--model', model, '--alias', name, '--host', '0.0.0.0', '--port', port, '--metrics'],
      ...(component === 'meta-rm' ? ['--embedding', '--pooling', 'rank'] : []),
    ],
  }),
};

const probe = (times: Omit<Probe, 'httpGet'>): Probe => ({ httpGet: { path: '/health', port: 'server' }, ...times });

function amountsOf({ resources }: EngineServer, gpus: number): SidecarContainer['resources'] {
  const requests: Amounts = { ...resources?.limits, ...resources?.requests };
  const memory = resources?.limits?.memory ?? resources?.requests?.memory;
  const limits: Amounts = { ...(memory === undefined ? {} : { memory }), ...resources?.limits, ...(gpus === 0 ? {} : { 'nvidia.com/gpu': String(gpus) }) };
  return { requests, ...(Object.keys(limits).length === 0 ? {} : { limits }) };
}

function storage({ sharedMemory }: EngineServer, place: Place | undefined): { volumes: Volume[]; mounts: VolumeMount[] } {
  const volumes: Volume[] = [{ name: 'server-home', emptyDir: {} }, { name: 'server-tmp', emptyDir: {} }];
  const mounts: VolumeMount[] = [{ name: 'server-home', mountPath: HOME }, { name: 'server-tmp', mountPath: '/tmp' }];
  if (sharedMemory !== undefined) {
    volumes.push({ name: 'server-memory', emptyDir: { medium: 'Memory', sizeLimit: sharedMemory } });
    mounts.push({ name: 'server-memory', mountPath: '/dev/shm' });
  }
  if (place?.mount !== undefined) {
    const { volume, mountPath, readOnly } = place.mount;
    volumes.push(volume);
    mounts.push({ name: volume.name, mountPath, ...(readOnly ? { readOnly: true } : {}) });
  }
  return { volumes, mounts };
}
