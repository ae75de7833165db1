/** People and their roles: whether a person (or a program acting as one) may use a route. */
import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../http/problem.ts';
import { authorizationOf } from './credentials.ts';
import type { TokenStore } from './token-store.ts';
import type { WrongTokenThrottle } from './wrong-token-throttle.ts';

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

export interface PeopleAuthorizer {
  /**
   * Throws 401, 403, or 429 for an address that keeps trying wrong tokens. Calls `known` with the token's owner, even
   * when the role is not sufficient.
   */
  authorize(req: IncomingMessage, needs: TokenRole, onIdentified?: (bearer: Bearer) => void): Promise<Bearer>;
}

export function createPeopleAuthorizer(tokens: TokenStore, throttle: WrongTokenThrottle): PeopleAuthorizer {
  return {
    async authorize(req, needs, onIdentified) {
      const given = authorizationOf(req);
      const bearer = given?.scheme === 'bearer' ? await tokens.verify(given.secret) : null;
      if (!bearer) throw unauthorized(req, throttle);
      onIdentified?.(bearer);
      if (mayAct(bearer.role, needs)) return bearer;
      throw new HttpProblem(403, `this needs the role ${needs}; the token "${bearer.name}" has ${bearer.role}`);
    },
  };
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
