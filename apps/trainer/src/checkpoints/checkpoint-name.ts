/** What a checkpoint's name says of it. */
export interface CheckpointName {
  readonly stage: string;
  /** Steps done. */
  readonly step: number;
  /** SHA-256 of the content, 64 hex digits. */
  readonly digest: string;
}

/** Step and digest have fixed lengths, so a stage's name may hold hyphens and digits and is still read one way only. */
const pattern = /^([A-Za-z0-9][A-Za-z0-9-]*)-(\d{8})-([0-9a-f]{64})\.safetensors$/;

/** @throws {RangeError} a part that has no place in a name */
export function formatCheckpointName({ stage, step, digest }: CheckpointName): string {
  const name = `${stage}-${String(step).padStart(8, '0')}-${digest}.safetensors`;
  if (!pattern.test(name)) throw new RangeError(`no checkpoint can be named '${name}': a stage is letters, digits and '-', a step at most 8 digits, a digest 64 hex digits`);
  return name;
}

/** Undefined where the name is no checkpoint's. */
export function parseCheckpointName(name: string): CheckpointName | undefined {
  const [, stage, step, digest] = pattern.exec(name) ?? [];
  return stage === undefined || step === undefined || digest === undefined ? undefined : { stage, step: Number(step), digest };
}
