/** Which NATS servers to use, and as whom. */
export interface NatsServers {
  /** URLs: `nats://127.0.0.1:4222`. */
  readonly servers: readonly string[];
  /** File of the user that one is: a `.creds` file (JWT and seed) or an nkey seed. Read again at each reconnect, so that it may be replaced. */
  readonly credentials?: string;
  /** PEM file of the authority that signs the servers' certificates, where it is a private one. The connection is then encrypted or fails. */
  readonly certificateAuthority?: string;
  /** PEM files of one's own certificate and its key, for servers that ask for one. Read again at each reconnect. */
  readonly clientCertificate?: { readonly certificate: string; readonly key: string };
  /** Where the user may be answered. Absent: what its credentials say, else `_INBOX`. */
  readonly inboxPrefix?: string;
}
