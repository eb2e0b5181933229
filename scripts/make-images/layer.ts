/** A layer as it lies in an archive: a gzipped tar file with digests of both forms. */
export interface Layer {
  /** The gzipped tar file. */
  readonly file: string;
  /** `sha256:...` of the file: how a registry and a node's store know it. */
  readonly digest: string;
  /** `sha256:...` of the tar file within: how an image's configuration names it. */
  readonly diffId: string;
  readonly compressedBytes: number;
  /** What it takes on a node's disk, as a tar file. */
  readonly bytes: number;
}
