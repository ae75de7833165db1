/** Releases of Node.js without a known hole that an open port exposes. */

/** Line → the first release of it that is safe. */
const SAFE = new Map([
  [22, [23, 4]],
  [24, [22, 1]],
  [26, [12, 1]],
]);
const NEWEST_KNOWN_LINE = 26;

/** A sentence when this Node.js should not listen beyond the machine; else null. */
export function nodeWarning(version: string): string | null {
  const [line = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (line > NEWEST_KNOWN_LINE) return null;
  const [safeMinor = Infinity, safePatch = 0] = SAFE.get(line) ?? [];
  if (minor > safeMinor || (minor === safeMinor && patch >= safePatch)) return null;
  return `Node.js ${version} gets no security fixes: use 22.23.4, 24.22.1 or newer before others can reach this port`;
}
