/**
 * Who a request speaks for, and under which id. `by` is accepted from administrators only, and every use of it is
 * logged as "on behalf".
 */
import type { Config } from '../../config/config.ts';
import type { AppDeps } from '../dependencies.ts';
import { newUlid } from '../ingest/new-ulid.ts';
import { onlyHeader } from '../security/credentials.ts';
import { actorOf, type Bearer } from '../security/roles.ts';
import { HttpProblem, invalidRequest } from '../http/problem.ts';
import type { RouteRequest } from '../http/route.ts';
import { unknownPerson } from './configured-names.ts';

export function actorFor({
  bearer,
  by,
  config,
  log,
}: {
  readonly bearer: Bearer;
  readonly by: unknown;
  readonly config: Config;
  readonly log: AppDeps['log'];
}): string {
  const own = actorOf(bearer);
  if (by === undefined || by === null || by === own) return own;
  if (bearer.role !== 'admin') {
    throw new HttpProblem(403, 'only an administrator speaks on behalf of others', {
      problems: [{ at: 'by', message: 'leave it out, or use an admin token' }],
    });
  }
  if (typeof by !== 'string') throw invalidRequest([{ at: 'by', message: 'expected the name of a person' }]);
  const problem = unknownPerson(config, 'by', by);
  if (problem) throw invalidRequest([problem]);
  log.info({ audit: true, actor: bearer.name, by }, 'on behalf');
  return by;
}

const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** The `Idempotency-Key`, or a new id when there is none. Throws 400 for one that is none of ours to keep. */
export function requestIdOf({ req, receivedAt }: RouteRequest): string {
  if (req.headers['idempotency-key'] === undefined) return newUlid(receivedAt);
  const key = onlyHeader(req, 'idempotency-key');
  if (key !== null && REQUEST_ID.test(key)) return key;
  throw invalidRequest([{ at: 'Idempotency-Key', message: 'expected 1 to 64 of letters, digits, _ . : -' }]);
}

/** The bearer of a route for people; the table guarantees there is one. */
export function bearerOf({ bearer }: RouteRequest): Bearer {
  if (!bearer) throw new Error('a route for people was reached without a bearer');
  return bearer;
}
