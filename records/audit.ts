/**
 * The audit in SQL: a copy of what each server wrote to its files. Append-only; an entry with a known id changes
 * nothing. Primary: a rebuild leaves it alone.
 */
import type { Db } from './connection.ts';
import { BadCursor } from './errors.ts';

/** One attempt to change something: who, when, from where, what, and the outcome. No texts, no secrets. */
export interface AuditEntry {
  /** A ULID: sorts by time. */
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  /** `cli`: the client says that it is the command line; `local`: a command run on the state directory itself. */
  readonly via: 'http' | 'cli' | 'link' | 'local';
  /** The address at the other end of the socket; null for `local`. */
  readonly from: string | null;
  /** The client's `User-Agent`. */
  readonly agent: string | null;
  /** The name of the token; null for links, for `local`, and for requests without a valid one. */
  readonly token: string | null;
  readonly keyId: string | null;
  readonly person: string | null;
  readonly role: string | null;
  /** In whose name the command was given; null when the request was refused before that was known. */
  readonly by: string | null;
  /** `by` is not the person that the token belongs to. */
  readonly onBehalf: boolean;
  /** `acknowledge`, `declare`, `token.create` … */
  readonly command: string;
  /** What the command was about, as it was written: an incident's id, the name of a token. */
  readonly subject: string | null;
  readonly workflowId: string | null;
  readonly incidentId: string | null;
  readonly requestId: string | null;
  /** `unchanged`: nothing to change, or the same request came before. `pending`: durable, but no worker has handled it yet. */
  readonly outcome: 'done' | 'unchanged' | 'pending' | 'refused' | 'failed';
  /** The HTTP status; null for `local`. */
  readonly status: number | null;
  /** How many attempts without a valid credential before this one have no entry, because there were too many. */
  readonly omitted: number;
}

export interface AuditQuery {
  /** 1 to 200; default 50. */
  readonly limit?: number;
  /** `next` of the previous page. */
  readonly cursor?: string;
  /** Names of one incident: entries with any of them as subject, workflow id or incident id. */
  readonly names?: readonly string[];
  /** With `names`: leaves out entries that are known to mean another incident. */
  readonly incidentId?: string;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Null at the end. */
  readonly next: string | null;
}

const LIMIT = { default: 50, max: 200 };

/** `entries` are clean already. */
export async function writeAudit(db: Db, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => ({
    id: entry.id,
    at: Date.parse(entry.at),
    subject: entry.subject,
    workflow_id: entry.workflowId,
    incident_id: entry.incidentId,
    entry: JSON.stringify(entry),
  }));
  await db
    .insertInto('audit')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** `query` is clean already. Throws `BadCursor`. */
export async function readAudit(db: Db, { limit, cursor, names, incidentId }: AuditQuery): Promise<AuditPage> {
  const pageSize = Math.min(Math.max(Math.trunc(limit ?? LIMIT.default), 1), LIMIT.max);
  let select = db.selectFrom('audit').select(['id', 'entry']);
  if (cursor !== undefined) select = select.where('id', '<', auditCursor(cursor));
  if (names !== undefined) {
    const columns = ['subject', 'workflow_id', 'incident_id'] as const;
    select = select.where((eb) => eb.or(columns.map((column) => eb(column, 'in', [...names]))));
    if (incidentId !== undefined) {
      select = select.where((eb) => eb.or([eb('incident_id', 'is', null), eb('incident_id', '=', incidentId)]));
    }
  }
  const rows = await select
    .orderBy('id', 'desc')
    .limit(pageSize + 1)
    .execute();
  const page = rows.slice(0, pageSize);
  return {
    entries: page.map(({ entry }) => JSON.parse(entry) as AuditEntry),
    next: rows.length > pageSize ? (page.at(-1)?.id ?? null) : null,
  };
}

/** Throws `BadCursor`. */
export function auditCursor(cursor: string): string {
  if (/^[0-9A-Z]{26}$/.test(cursor)) return cursor;
  throw new BadCursor();
}
