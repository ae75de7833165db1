/**
 * How deep JSON nests, counted on its bytes before it is parsed: `JSON.parse` survives deep nesting, but it overflows
 * the stack later, where an alert would be lost.
 */
export const DEPTH_LIMIT = 32;

const QUOTE = 0x22;
const BACKSLASH = 0x5c;

/** True when brackets outside of strings nest deeper than `limit`. UTF-8; stops at the first excess. */
export function isDeeperThan(limit: number, json: Uint8Array): boolean {
  let depth = 0;
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i];
    if (byte === QUOTE) i = endOfString(json, i);
    else if (byte === 0x5b || byte === 0x7b) {
      depth += 1;
      if (depth > limit) return true;
    } else if (byte === 0x5d || byte === 0x7d) depth -= 1;
  }
  return false;
}

/** The closing quote of the string that opens at `start`. */
export function endOfString(json: Uint8Array, start: number): number {
  let i = start + 1;
  while (i < json.length && json[i] !== QUOTE) i += json[i] === BACKSLASH ? 2 : 1;
  return i;
}
