import { modelsBucket } from '@grm/protocol';
import { childName, fittingName, type Place, type Reference, type Site } from '@grm/workloads';
import type { OperatorConfiguration } from '../configuration/operator-configuration.ts';
import { artifactPath } from './artifact-path.ts';
import type { ResolvedModel } from '../inference-service/model/resolved-model.ts';

/** Folder of the project's own models in the images. */
const MODELS_FOLDER = '/app/models';
const VOLUMES_FOLDER = '/volumes';

export interface ClusterSiteOptions {
  readonly image: string;
  readonly services: OperatorConfiguration['services'];
  /** Whether each component gets a NATS user of its own. */
  readonly credentials: boolean;
  /** The artefact of a run. @throws Error when it has none */
  readonly artifact: (run: string, artifact: 'policy' | 'metaRM') => ResolvedModel;
}

/** The cluster as a place to run workloads: models come with the image, from claims, or over NATS. */
export function clusterSite({ image, services, credentials, artifact }: ClusterSiteOptions): Site {
  return {
    image,
    natsUrl: services.natsUrl,
    logLevel: services.logLevel,
    ...(services.telemetryEndpoint === undefined ? {} : { telemetryEndpoint: services.telemetryEndpoint }),
    imagePullSecrets: services.imagePullSecrets,
    nats: {
      credentials,
      ...(services.natsCaConfigMap === undefined ? { authority: credentials && services.natsAuthority } : { caConfigMap: services.natsCaConfigMap }),
      ...(services.natsClientCertificateSecret === undefined ? {} : { clientCertificateSecret: services.natsClientCertificateSecret }),
    },
    pods: services.pods,
    ...(services.storageClass === undefined ? {} : { storageClass: services.storageClass }),
    artifactsBucket: modelsBucket,
    resolve: (reference) => placeOf(reference, artifact),
    runFolder: ({ name }) => ({ path: '/run/grm', mount: { volume: { name: 'folder', persistentVolumeClaim: { claimName: childName(name, 'trainer') } }, mountPath: '/run/grm', readOnly: false } }),
  };
}

function placeOf(reference: Reference, artifact: ClusterSiteOptions['artifact']): Place {
  switch (reference.kind) {
    case 'builtin':
      return { path: `${MODELS_FOLDER}/${reference.name}` };
    case 'object':
      return { path: `nats://${reference.bucket}/${reference.key}` };
    case 'artifact':
      return { path: artifactPath(artifact(reference.run.name, reference.artifact)) };
    case 'volume': {
      const { claimName, path, written } = reference;
      if (claimName === undefined) return { path };
      const mountPath = `${VOLUMES_FOLDER}/${claimName}`;
      const claim = { claimName, ...(written === true ? {} : { readOnly: true }) };
      return { path: `${mountPath}/${path.replace(/^\/+/, '')}`, mount: { volume: { name: fittingName(`volume-${claimName}`), persistentVolumeClaim: claim }, mountPath, readOnly: written !== true } };
    }
  }
}
