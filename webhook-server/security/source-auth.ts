/**
 * Whether a sender is who the configuration knows: bearer token, basic (password = token), Grafana's signature, or
 * PagerDuty's routing key in the body. Any one of those that are configured is enough, but a signature that is there
 * must be right.
 */
import type { IncomingMessage } from 'node:http';
import type { RoutingKey, SourceSetting } from '../../config/sections/sources.ts';
import { authorizationOf, onlyHeader, sameSecret } from './credentials.ts';
import { routingKeyIn } from './routing-key.ts';
import { SIGNATURE_HEADER, verifySignature } from './grafana-signature.ts';

export type SenderVerdict = 'accepted' | 'rejected' | 'needs-body';

/** Some of PagerDuty's clients put the key here as well. */
const ROUTING_KEY_HEADER = 'x-routing-key';

/** From the headers alone; `signed`: the body decides (its signature, or a key in it): read it, ask `isSignedRight`. */
export function authenticateSender(req: IncomingMessage, setting: SourceSetting): SenderVerdict {
  const { token, hmacSecret, routingKeys } = setting;
  if (routingKeys.length > 0) {
    const header = onlyHeader(req, ROUTING_KEY_HEADER);
    if (header === null) return 'needs-body';
    return matchingKey(routingKeys, header) === null ? 'rejected' : 'accepted';
  }
  if (hmacSecret !== null && req.headers[SIGNATURE_HEADER] !== undefined) return 'needs-body';
  if (token !== null) {
    const given = authorizationOf(req);
    return given !== null && sameSecret(given.secret, token) ? 'accepted' : 'rejected';
  }
  // `token: none` is for this machine only, whatever address the server listens on.
  return hmacSecret === null && isLoopback(req.socket.remoteAddress) ? 'accepted' : 'rejected';
}

export function isBodyCredentialValid({
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
  const { hmacSecret, timestampHeader, routingKeys } = setting;
  if (routingKeys.length > 0) return matchingKey(routingKeys, routingKeyIn(body)) !== null;
  const signature = onlyHeader(req, SIGNATURE_HEADER);
  if (hmacSecret === null || signature === null) return false;
  const timestamp = timestampHeader === null ? null : (onlyHeader(req, timestampHeader.toLowerCase()) ?? '');
  return verifySignature({ secret: hmacSecret, signature, timestamp, body, now });
}

/** Which of the routing keys a request (null: a body alone) carries, in its header or else in its body; null: none. */
export function routingKeyOf(
  req: IncomingMessage | null,
  body: unknown,
  { routingKeys }: SourceSetting,
): RoutingKey | null {
  const header = req && onlyHeader(req, ROUTING_KEY_HEADER);
  const inBody = typeof body === 'object' && body !== null && 'routing_key' in body ? body.routing_key : null;
  return matchingKey(routingKeys, header ?? inBody);
}

/** Compared with every key, so that the time it takes says nothing of which one it is. */
function matchingKey(routingKeys: readonly RoutingKey[], given: unknown): RoutingKey | null {
  const matching = routingKeys.filter(({ key }) => typeof given === 'string' && sameSecret(given, key));
  return matching[0] ?? null;
}

/** `address`: of a socket's other end. */
export function isLoopback(address: string | undefined): boolean {
  if (address === undefined) return false;
  const plain = address.startsWith('::ffff:') ? address.slice(7) : address;
  return plain === '::1' || plain.startsWith('127.');
}
