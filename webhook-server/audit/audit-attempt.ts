/** Audits one request that would change something: collects what is known about it, then writes one entry. */
import type { IncomingMessage } from 'node:http';
import type { AuditEntry } from '../../records/open-records.ts';
import type { Route } from '../http/route.ts';
import { cleanLine } from '../ingest/sources/sanitize.ts';
import { onlyHeader, actorOfBearer, type Bearer } from '../security/people-auth.ts';
import type { Audit } from './audit.ts';

/** What a handler knows about its change. `changed` is false when nothing had to change. */
export type AuditContext = Partial<Pick<AuditEntry, 'by' | 'workflowId' | 'incidentId' | 'requestId'>> & {
  readonly changed?: boolean;
};

export interface AuditAttempt {
  /** The owner of the token, even when its role is not sufficient. */
  readonly authenticatedAs: (bearer: Bearer) => void;
  readonly addContext: (context: AuditContext) => void;
  /** Writes the entry. `status`: the status of the response. */
  ended(status: number): void;
}

const NOT_AUDITED: AuditAttempt = {
  authenticatedAs: () => undefined,
  addContext: () => undefined,
  ended: () => undefined,
};

const AGENT_LIMIT = 120;
/** The User-Agent of the command line. */
const CLI_AGENT = /^tocsin-cli\b/;
const TOKEN = /tocsin_[\w-]{16,}/;
const NAME = /^[\w.:-]{1,200}$/;

/** `params`: the path's. */
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
        command: audited.command,
        via: audited.via ?? viaOf(req),
        from: addressOf(req),
        agent: agentOf(req),
        ...tokenFieldsOf(bearer),
        subject: safeNameOf(params['id']),
        requestId: safeNameOf(idempotencyKeyOf(req)),
        ...known,
        onBehalf: isOnBehalf(bearer, known.by),
        outcome: outcomeOf(status, changed),
        status,
      });
    },
  };
}

/** A path or a header may hold anything: keep only what could be one of our names, and never a misplaced token. */
const safeNameOf = (text: string | null | undefined): string | null =>
  text && NAME.test(text) && !TOKEN.test(text) ? text : null;

const idempotencyKeyOf = (req: IncomingMessage): string | null => onlyHeader(req, 'idempotency-key');

const viaOf = (req: IncomingMessage): AuditEntry['via'] =>
  CLI_AGENT.test(req.headers['user-agent'] ?? '') ? 'cli' : 'http';

/** Strips the IPv6 prefix from IPv4 addresses on dual-stack sockets. */
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
