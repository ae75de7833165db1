/**
 * Authenticates a sender: bearer token, basic (password = token), Grafana's signature, or PagerDuty's routing key in
 * the body. Any one of the configured credentials is enough, but a signature that is present must be right.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import ipaddr from 'ipaddr.js';
import type { RoutingKey, SourceSetting } from '../../config/sections/sources.ts';
import { endOfString } from '../http/body.ts';
import { authorizationOf, onlyHeader, sameSecret } from './people-auth.ts';

type SenderVerdict = 'accepted' | 'rejected' | 'needs-body';

/** Some PagerDuty clients put the key here as well. */
const ROUTING_KEY_HEADER = 'x-routing-key';

/**
 * From the headers alone. `signed`: the body decides (its signature, or a key in it): read it, then call
 * `isSignedRight`.
 */
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
  // `token: none` admits this machine only, whatever address the server listens on.
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

/** The routing key that a request carries in its header or else its body (request null: the body alone); null: none. */
export function routingKeyOf(
  req: IncomingMessage | null,
  body: unknown,
  { routingKeys }: SourceSetting,
): RoutingKey | null {
  const header = req && onlyHeader(req, ROUTING_KEY_HEADER);
  const inBody = typeof body === 'object' && body !== null && 'routing_key' in body ? body.routing_key : null;
  return matchingKey(routingKeys, header ?? inBody);
}

/** Compared with every key, so that the time taken does not reveal which one matched. */
function matchingKey(routingKeys: readonly RoutingKey[], given: unknown): RoutingKey | null {
  const matching = routingKeys.filter(({ key }) => typeof given === 'string' && sameSecret(given, key));
  return matching[0] ?? null;
}

/** `address`: the socket's remote address. */
export function isLoopback(address: string | undefined): boolean {
  return address !== undefined && ipaddr.isValid(address) && ipaddr.process(address).range() === 'loopback';
}

const SIGNATURE_HEADER = 'x-grafana-alerting-signature';

/** A signed request older (or newer) than this is a replay. */
const WINDOW_MS = 5 * 60_000;

/** `timestamp` null: the signature covers the body alone. */
export function verifySignature({
  secret,
  signature,
  timestamp,
  body,
  now,
}: {
  readonly secret: string;
  readonly signature: string;
  readonly timestamp: string | null;
  readonly body: Buffer;
  readonly now: number;
}): boolean {
  if (!/^[0-9a-f]{64}$/.test(signature)) return false;
  const hmac = createHmac('sha256', secret);
  if (timestamp !== null) {
    if (!/^\d{1,11}$/.test(timestamp) || Math.abs(now - Number(timestamp) * 1000) > WINDOW_MS) return false;
    hmac.update(`${timestamp}:`);
  }
  return timingSafeEqual(hmac.update(body).digest(), Buffer.from(signature, 'hex'));
}

const FIELD = 'routing_key';
/** In bytes; PagerDuty's own keys have 32. */
const VALUE_LIMIT = 4096;

const QUOTE = 0x22;
const COLON = 0x3a;
const COMMA = 0x2c;

/** The text at `routing_key` of the outermost object; the last of several, as with `JSON.parse`. Null: none. */
function routingKeyIn(json: Buffer): string | null {
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

/** `start` and `end` are the positions of the quotes. */
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
