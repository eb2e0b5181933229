/** A model that a service may load: where it lies and, where that is known, what it is. */
export interface ResolvedModel {
  /** What verdicts call it. */
  readonly name: string;
  /** `builtin://nano-judge`, `pvc://claim/path`, `nats://bucket/key`, `served://name`. */
  readonly uri: string;
  /** `sha256:...` of its content; absent where only the pod that loads it can tell. */
  readonly digest?: string;
}

export type ModelResolution =
  | { readonly state: 'Resolved'; readonly model: ResolvedModel }
  | { readonly state: 'Waiting'; readonly reason: 'WaitingForRun' | 'RunNotFound'; readonly message: string }
  | { readonly state: 'Refused'; readonly reason: 'RunFailed' | 'ArtifactMissing'; readonly message: string };
