/** Digests of any value, and links that cannot be forged. */
import { createHash, createHmac, timingSafeEqual } from 'node:crypto';

/** One text for one value, however it was built: JSON with sorted keys and without blanks; texts are well-formed and NFC, so that equal-looking labels are equal. */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.toWellFormed().normalize('NFC'));
  if (typeof value !== 'object' || value === null) return JSON.stringify(value) ?? 'null';
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  const pairs = Object.entries(value).map(([key, item]) => [canonicalJson(key), canonicalJson(item)] as const);
  pairs.sort(([a], [b]) => (a < b ? -1 : 1));
  return `{${pairs.map(([key, item]) => `${key}:${item}`).join(',')}}`;
}

/** The first `length` hex digits of the SHA-256 of `canonicalJson(value)`. */
export function digestOf(value: unknown, length: number): string {
  return createHash('sha256').update(canonicalJson(value)).digest('hex').slice(0, length);
}

/** A readable payload, signed with the secret that every server and worker shares. */
export interface AcknowledgeLink {
  readonly workflowId: string;
  readonly incidentId: string;
  readonly person: string;
  /** The cycle of the escalation in which the link was sent. */
  readonly cycle: number;
}

export interface Signer {
  /** `<base64url of JSON>.<base64url of HMAC-SHA256>`. */
  sign(link: AcknowledgeLink): string;
  /** Null for anything that was not signed with this secret. Never throws. */
  verify(token: string): AcknowledgeLink | null;
  /** For reading one incident: `<its id>.<base64url of HMAC-SHA256>`, the same whenever it is made. */
  signIncident(incidentId: string): string;
  /** The incident's id; null as above. */
  verifyIncident(token: string): string | null;
}

const MAX_TOKEN_LENGTH = 2048;
/** Signed with the link, so that a link for one use is valid for no other. */
const ACKNOWLEDGE = 'tocsin acknowledge link 1\n';
const READ = 'tocsin incident link 1\n';

/** Throws when `secret` is empty: a link that anyone can sign is worse than none. */
export function createSigner(secret: string): Signer {
  if (secret.trim() === '') throw new Error('the secret for acknowledge links is empty: set TOCSIN_SECRET');
  const mac = (purpose: string, payload: string): Buffer =>
    createHmac('sha256', secret).update(purpose).update(payload).digest();
  const signed = (purpose: string, payload: string): string =>
    `${payload}.${mac(purpose, payload).toString('base64url')}`;
  /** Null unless `token` was signed for this purpose. */
  const payloadOf = (purpose: string, token: string): string | null => {
    if (typeof token !== 'string' || token.length > MAX_TOKEN_LENGTH) return null;
    const [payload, signature, ...rest] = token.split('.');
    if (!payload || !signature || rest.length > 0) return null;
    const given = Buffer.from(signature, 'base64url');
    const expected = mac(purpose, payload);
    // `timingSafeEqual` throws when the lengths differ.
    return given.length === expected.length && timingSafeEqual(given, expected) ? payload : null;
  };
  return {
    sign: ({ workflowId, incidentId, person, cycle }) => {
      const payload = Buffer.from(JSON.stringify([workflowId, incidentId, person, cycle])).toString('base64url');
      return signed(ACKNOWLEDGE, payload);
    },
    verify: (token) => {
      const payload = payloadOf(ACKNOWLEDGE, token);
      return payload === null ? null : readLinkPayload(payload);
    },
    signIncident: (incidentId) => signed(READ, incidentId),
    verifyIncident: (token) => payloadOf(READ, token),
  };
}

function readLinkPayload(payload: string): AcknowledgeLink | null {
  try {
    const value: unknown = JSON.parse(Buffer.from(payload, 'base64url').toString('utf8'));
    if (!Array.isArray(value)) return null;
    const [workflowId, incidentId, person, cycle] = value as unknown[];
    if (typeof workflowId !== 'string' || typeof incidentId !== 'string' || typeof person !== 'string') return null;
    return typeof cycle === 'number' ? { workflowId, incidentId, person, cycle } : null;
  } catch {
    return null;
  }
}
