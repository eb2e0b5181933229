const LONGEST_NAME = 63;

/** A name that fits into a label's 63 characters: a longer one is cut before its ending and told apart by a digest of what is cut. */
export function fittingName(start: string, ending = ''): string {
  const full = `${start}${ending}`;
  if (full.length <= LONGEST_NAME) return full;
  const told = `-${digest(start)}${ending}`;
  return full.slice(0, LONGEST_NAME - told.length) + told;
}

/** FNV-1a, 32 bits, in base 36: short and the same everywhere; nothing secret hangs on it. */
function digest(text: string): string {
  let hash = 0x811c9dc5;
  for (const byte of new TextEncoder().encode(text)) hash = Math.imul(hash ^ byte, 0x01000193) >>> 0;
  return hash.toString(36).padStart(7, '0');
}
