/**
 * Whether a sender is who the configuration knows: bearer token, basic (password = token), or Grafana's signature.
 * Any one of those that are configured is enough, but a signature that is there must be right.
 */
import type { IncomingMessage } from 'node:http';
import type { SourceSetting } from '../../config/config.ts';
import { authorizationOf, onlyHeader, sameSecret } from './credentials.ts';
import { SIGNATURE_HEADER, verifySignature } from './signature.ts';

export type Verdict = 'in' | 'out' | 'signed';

/** From the headers alone; `signed`: the body decides, so read it and ask `isSignedRight`. */
export function judgeSender(req: IncomingMessage, setting: SourceSetting): Verdict {
  const { token, hmacSecret } = setting;
  if (hmacSecret !== null && req.headers[SIGNATURE_HEADER] !== undefined) return 'signed';
  if (token !== null) {
    const given = authorizationOf(req);
    return given !== null && sameSecret(given.secret, token) ? 'in' : 'out';
  }
  // `token: none` is for this machine only, whatever address the server listens on.
  return hmacSecret === null && isLoopback(req.socket.remoteAddress) ? 'in' : 'out';
}

export function isSignedRight({
  req,
  body,
  setting,
  now,
}: {
  readonly req: IncomingMessage;
  readonly body: Buffer;
  readonly setting: SourceSetting;
  readonly now: number;
}): boolean {
  const { hmacSecret, timestampHeader } = setting;
  const signature = onlyHeader(req, SIGNATURE_HEADER);
  if (hmacSecret === null || signature === null) return false;
  const timestamp = timestampHeader === null ? null : (onlyHeader(req, timestampHeader.toLowerCase()) ?? '');
  return verifySignature({ secret: hmacSecret, signature, timestamp, body, now });
}

function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || plain.startsWith('127.');
}
