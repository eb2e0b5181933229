/** A run's artefact as a program is told of it: what is fetched under this address is held against the digest behind it. */
export function artifactPath({ uri, digest }: { readonly uri: string; readonly digest?: string }): string {
  return digest?.startsWith('sha256:') === true && !uri.includes('#') ? `${uri}#${digest}` : uri;
}
