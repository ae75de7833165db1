/** Whether a person (or a program acting as one) may use a route: a bearer token of a high enough role. */
import type { IncomingMessage } from 'node:http';
import { HttpProblem } from '../http/problem.ts';
import { authorizationOf } from './credentials.ts';
import { mayAct, type Bearer, type TokenRole } from './roles.ts';
import type { Throttle } from './throttle.ts';
import type { TokenStore } from './tokens.ts';

export interface PeopleGuard {
  /**
   * Throws 401, 403, or 429 for an address that keeps trying wrong tokens. `known` is told whose token it is, also when
   * that is not enough.
   */
  admit(req: IncomingMessage, needs: TokenRole, known?: (bearer: Bearer) => void): Promise<Bearer>;
}

export function createPeopleGuard(tokens: TokenStore, throttle: Throttle): PeopleGuard {
  return {
    async admit(req, needs, known) {
      const given = authorizationOf(req);
      const bearer = given?.scheme === 'bearer' ? await tokens.verify(given.secret) : null;
      if (!bearer) throw turnedAway(req, throttle);
      known?.(bearer);
      if (mayAct(bearer.role, needs)) return bearer;
      throw new HttpProblem(403, `this needs the role ${needs}; the token "${bearer.name}" has ${bearer.role}`);
    },
  };
}

/** No token and a wrong token look alike; only a wrong one counts as a guess. */
function turnedAway(req: IncomingMessage, throttle: Throttle): HttpProblem {
  const tried = req.headers.authorization !== undefined;
  const wait = tried ? throttle.wrong(req.socket.remoteAddress) : 0;
  if (wait > 0) {
    return new HttpProblem(429, 'too many wrong tokens', { headers: { 'Retry-After': String(wait) } });
  }
  return new HttpProblem(401, 'a valid token is needed', { headers: { 'WWW-Authenticate': 'Bearer' } });
}
