/**
 * Where checkpoints lie: a folder or an object store. Names are `<stage>-<step, 8 digits>-<SHA-256 of the content, 64 hex digits>.safetensors`,
 * so that what is read can be held against its name.
 */
export interface CheckpointStore {
  /**
   * Writes a blob. It is there whole once this resolves, and never in parts: a process or machine that dies in between leaves
   * what was there before.
   * @returns where it is, for people: `file:///...` or `nats://bucket/name`
   * @throws CheckpointWriteError disk or store full, or gone
   */
  write(name: string, content: Uint8Array): Promise<string>;
  /** Undefined where there is no such blob, or only a part of one. */
  read(name: string): Promise<Uint8Array | undefined>;
  /** Names of all that is there, in no order; what is not named like a checkpoint is left out. */
  list(): Promise<readonly string[]>;
  remove(name: string): Promise<void>;
}
