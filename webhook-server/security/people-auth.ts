/** People and their roles: whether a person (or a program acting as one) may use a route. */
import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../http/problem.ts';
import type { TokenStore } from './token-store.ts';
import type { WrongTokenThrottle } from './wrong-token-throttle.ts';
import { createHash, timingSafeEqual } from 'node:crypto';

export const TOKEN_ROLES = ['viewer', 'responder', 'admin'] as const;
export type TokenRole = (typeof TOKEN_ROLES)[number];

/** The authenticated caller: the token's own name, and the person it is bound to, if any. */
export interface Bearer {
  readonly name: string;
  readonly person: string | null;
  readonly role: TokenRole;
  /** Distinguishes the secrets of one name in the audit and in lists; useless as a credential. */
  readonly keyId: string;
}

export const mayAct = (has: TokenRole, needs: TokenRole): boolean =>
  TOKEN_ROLES.indexOf(has) >= TOKEN_ROLES.indexOf(needs);

/** The name for the timeline: the person, or the token's own name when it is bound to nobody. */
export const actorOfBearer = ({ name, person }: Pick<Bearer, 'name' | 'person'>): string => person ?? name;

export class PeopleAuthorizer {
  private readonly tokens: TokenStore;
  private readonly throttle: WrongTokenThrottle;

  constructor(tokens: TokenStore, throttle: WrongTokenThrottle) {
    this.tokens = tokens;
    this.throttle = throttle;
  }

  /**
   * Throws 401, 403, or 429 for an address that keeps trying wrong tokens. Calls `onIdentified` with the token's owner,
   * even when the role is not sufficient.
   */
  async authorize(req: IncomingMessage, needs: TokenRole, onIdentified?: (bearer: Bearer) => void): Promise<Bearer> {
    const given = authorizationOf(req);
    const bearer = given?.scheme === 'bearer' ? await this.tokens.verify(given.secret) : null;
    if (!bearer) throw unauthorized(req, this.throttle);
    onIdentified?.(bearer);
    if (mayAct(bearer.role, needs)) return bearer;
    throw new HttpProblem(403, `this needs the role ${needs}; the token "${bearer.name}" has ${bearer.role}`);
  }
}

/** A missing token and a wrong one get the same answer; only a wrong one counts as a guess. */
function unauthorized(req: IncomingMessage, throttle: WrongTokenThrottle): HttpProblem {
  const tried = req.headers.authorization !== undefined;
  const wait = tried ? throttle.countWrongToken(req.socket.remoteAddress) : 0;
  if (wait > 0) {
    return new HttpProblem(429, 'too many wrong tokens', { headers: { 'Retry-After': String(wait) } });
  }
  return new HttpProblem(401, 'a valid token is needed', { headers: { 'WWW-Authenticate': 'Bearer' } });
}

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
