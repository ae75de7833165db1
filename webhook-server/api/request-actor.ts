/**
 * Who a request speaks for, under which id, and whether the people and teams it names exist. `by` is accepted from
 * administrators only, and every use of it is logged as "on behalf".
 */
import type { Config } from '../../config/config.ts';
import { personCalled, standsForPeople } from '../../config/sections/people.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import type { Problem } from '../../domain/kernel/commands.ts';
import type { AppDeps } from '../dependencies.ts';
import { HttpProblem, invalidRequest } from '../http/problem.ts';
import type { RouteRequest } from '../http/route.ts';
import { newUlid } from '../ingest/declaration.ts';
import { onlyHeader, actorOfBearer } from '../security/people-auth.ts';

export interface Actor {
  /** The name that goes on the timeline. */
  readonly by: string;
  /** It is the name of a token bound to nobody, not a person's. */
  readonly byToken?: true;
}

/** Throws `HttpProblem` (400, 403) for a `by` that is not allowed or not known. */
export function actorFor(
  { bearer }: Pick<RouteRequest, 'bearer'>,
  by: unknown,
  { config, log }: Pick<AppDeps, 'config' | 'log'>,
): Actor {
  if (!bearer) throw new Error('a route for people was reached without a bearer');
  const own = actorOfBearer(bearer);
  if (by === undefined || by === null || by === own) {
    if (bearer.person !== null) return { by: own };
    // A person or a team got this name after the token: nothing may read as theirs.
    const isTaken = personCalled(config().people.values(), own) !== null || standsForPeople(config(), own);
    return { by: isTaken ? `${own} (token)` : own, byToken: true };
  }
  if (bearer.role !== 'admin') {
    throw new HttpProblem(403, 'only an administrator speaks on behalf of others', {
      problems: [{ at: 'by', message: 'leave it out, or use an admin token' }],
    });
  }
  if (typeof by !== 'string') throw invalidRequest([{ at: 'by', message: 'expected the name of a person' }]);
  const problem = unknownPerson(config(), 'by', by);
  if (problem) throw invalidRequest([problem]);
  log.info({ audit: true, actor: bearer.name, by }, 'on behalf');
  return { by };
}

const REQUEST_ID = /^[\w.:-]{1,64}$/;

/** The `Idempotency-Key`, or a new id when there is none. Throws 400 for one that cannot be kept. */
export function requestIdOf({ req, receivedAt }: Pick<RouteRequest, 'req' | 'receivedAt'>): string {
  if (req.headers['idempotency-key'] === undefined) return newUlid(receivedAt);
  const key = onlyHeader(req, 'idempotency-key');
  if (key !== null && REQUEST_ID.test(key)) return key;
  throw invalidRequest([{ at: 'Idempotency-Key', message: 'expected 1 to 64 of letters, digits, _ . : -' }]);
}

export const unknownPerson = ({ people }: Config, at: string, name: string): Problem | null =>
  people.has(name)
    ? null
    : { at, message: `no such person; ${didYouMean(personCalled(people.values(), name) ?? name, [...people.keys()])}` };

export const unknownTeam = ({ teams }: Config, at: string, name: string): Problem | null =>
  teams.has(name) ? null : { at, message: `no such team; known: ${joinNames(teams.keys())}` };

/** Enough to spot one's own misspelling. */
const NAMES_SHOWN = 30;

export function joinNames(names: Iterable<string>): string {
  const all = [...names].sort();
  return all.length > NAMES_SHOWN
    ? `${all.slice(0, NAMES_SHOWN).join(', ')} and ${all.length - NAMES_SHOWN} more`
    : all.join(', ');
}
