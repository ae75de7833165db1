/**
 * The credential of PagerDuty's Events API, which stands in the body. It is looked for in the bytes, so that an unauthenticated client's
 * body reaches no parser; a linear scan, as deep as it likes.
 */
import { endOfString } from '../http/json-depth.ts';

const FIELD = 'routing_key';
/** In bytes; PagerDuty's own keys have 32. */
const VALUE_LIMIT = 4096;

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;

/** The text at `routing_key` of the outermost object; of several the last, as for `JSON.parse`. Null: none. */
export function routingKeyIn(json: Buffer): string | null {
  let depth = 0;
  let isName = true;
  let atField = false;
  let found: string | null = null;
  for (let i = 0; i < json.length; i += 1) {
    const byte = json[i];
    if (byte === QUOTE) {
      const end = endOfString(json, i);
      if (depth === 1 && isName) atField = isField(json, i, end);
      else if (depth === 1 && atField) found = textAt(json, i, end);
      i = end;
    } else if (byte === 0x5b || byte === 0x7b) depth += 1;
    else if (byte === 0x5d || byte === 0x7d) depth -= 1;
    else if (depth === 1 && byte === COLON) isName = false;
    else if (depth === 1 && byte === COMMA) isName = true;
  }
  return found;
}

/** `start` and `end` are the quotes. */
function isField(json: Buffer, start: number, end: number): boolean {
  return end - start - 1 === FIELD.length && json.toString('latin1', start + 1, end) === FIELD;
}

function textAt(json: Buffer, start: number, end: number): string | null {
  if (end - start > VALUE_LIMIT) return null;
  try {
    const text: unknown = JSON.parse(json.toString('utf8', start, end + 1));
    return typeof text === 'string' ? text : null;
  } catch {
    return null;
  }
}
