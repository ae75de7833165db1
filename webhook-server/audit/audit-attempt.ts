/** One request that would change something, on its way through the server: what becomes known of it, then its line. */
import type { IncomingMessage } from 'node:http';
import type { AuditEntry } from '../../records/open-records.ts';
import type { Route } from '../http/route.ts';
import { cleanLine } from '../ingest/sources/sanitize.ts';
import { onlyHeader } from '../security/credentials.ts';
import { actorOfBearer, type Bearer } from '../security/people-auth.ts';
import type { Audit } from './audit.ts';

/** What a handler knows of what it does. `changed` false: it held already. */
export type AuditContext = Partial<Pick<AuditEntry, 'by' | 'workflowId' | 'incidentId' | 'requestId'>> & {
  readonly changed?: boolean;
};

export interface AuditAttempt {
  /** Whose token it is, even when it may not do this. */
  readonly authenticatedAs: (bearer: Bearer) => void;
  readonly addContext: (context: AuditContext) => void;
  /** Writes the line. `status`: what the request was answered with. */
  ended(status: number): void;
}

const NOT_AUDITED: AuditAttempt = {
  authenticatedAs: () => undefined,
  addContext: () => undefined,
  ended: () => undefined,
};

const AGENT_LIMIT = 120;
/** How the command line calls itself. */
const CLI_AGENT = /^tocsin-cli\b/;
const TOKEN = /tocsin_[\w-]{16,}/;
const NAME = /^[\w.:-]{1,200}$/;

/** `params`: of the path. */
export function beginAuditAttempt(
  { audited }: Pick<Route, 'audited'>,
  { req, params, audit }: { req: IncomingMessage; params: Readonly<Record<string, string>>; audit: Audit },
): AuditAttempt {
  if (audited === undefined) return NOT_AUDITED;
  let bearer: Bearer | null = null;
  let context: AuditContext = {};
  return {
    authenticatedAs: (who) => void (bearer = who),
    addContext: (more) => void (context = { ...context, ...more }),
    ended(status) {
      const { changed, ...known } = context;
      audit.write({
        ...{ command: audited.command, via: audited.via ?? viaOf(req), from: addressOf(req), agent: agentOf(req) },
        ...{
          ...tokenFieldsOf(bearer),
          subject: safeNameOf(params['id']),
          requestId: safeNameOf(idempotencyKeyOf(req)),
        },
        ...{ ...known, onBehalf: isOnBehalf(bearer, known.by) },
        ...{ outcome: outcomeOf(status, changed), status },
      });
    },
  };
}

/** A path or a header may hold anything; only what could be a name of ours is kept, and no token sent astray. */
const safeNameOf = (text: string | null | undefined): string | null =>
  text && NAME.test(text) && !TOKEN.test(text) ? text : null;

const idempotencyKeyOf = (req: IncomingMessage): string | null => onlyHeader(req, 'idempotency-key');

const viaOf = (req: IncomingMessage): AuditEntry['via'] =>
  CLI_AGENT.test(req.headers['user-agent'] ?? '') ? 'cli' : 'http';

/** IPv4 as itself, also where the socket speaks both. */
const addressOf = ({ socket }: IncomingMessage): string | null => socket.remoteAddress?.replace(/^::ffff:/, '') ?? null;

function agentOf({ headers }: IncomingMessage): string | null {
  const agent = headers['user-agent'];
  return agent === undefined || TOKEN.test(agent) ? null : cleanLine(agent, AGENT_LIMIT);
}

function tokenFieldsOf(bearer: Bearer | null): Pick<AuditEntry, 'token' | 'keyId' | 'person' | 'role'> {
  if (bearer === null) return { token: null, keyId: null, person: null, role: null };
  const { name, keyId, person, role } = bearer;
  return { token: name, keyId, person, role };
}

const isOnBehalf = (bearer: Bearer | null, by: string | null | undefined): boolean =>
  bearer !== null && typeof by === 'string' && by !== actorOfBearer(bearer);

function outcomeOf(status: number, changed: boolean | undefined): AuditEntry['outcome'] {
  if (status >= 500) return 'failed';
  if (status >= 400) return 'refused';
  if (status === 202) return 'pending';
  return changed === false ? 'unchanged' : 'done';
}
