/** Reads and compares credentials. Comparing takes the same time wherever two secrets differ, whatever their lengths. */
import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

const sha256 = (text: string): Buffer => createHash('sha256').update(text).digest();

/** Hashed first, since `timingSafeEqual` throws on different lengths. An empty secret equals nothing. */
export const sameSecret = (given: string, wanted: string): boolean =>
  wanted !== '' && timingSafeEqual(sha256(given), sha256(wanted));

/** The secret of `Authorization: Bearer`, or the password of `Basic`; null for none, several or anything else. */
export function authorizationOf(req: IncomingMessage): { scheme: 'bearer' | 'basic'; secret: string } | null {
  const header = onlyHeader(req, 'authorization');
  const found = header === null ? null : /^(bearer|basic) +([\x21-\x7e]+)$/i.exec(header);
  if (!found?.[1] || !found[2]) return null;
  if (found[1].toLowerCase() === 'bearer') return { scheme: 'bearer', secret: found[2] };
  const pair = Buffer.from(found[2], 'base64').toString('utf8');
  const colon = pair.indexOf(':');
  return colon < 0 ? null : { scheme: 'basic', secret: pair.slice(colon + 1) };
}

/** The value of a header that was sent exactly once. Node silently keeps the first of several. */
export function onlyHeader(req: IncomingMessage, name: string): string | null {
  const values = req.headersDistinct[name];
  return values?.length === 1 ? (values[0] ?? null) : null;
}
