/**
 * The audit in SQL: a copy of what each server wrote to its files. Append-only; a line is known by its id, so the same
 * again changes nothing. Primary: a rebuild leaves it alone.
 */
import type { Db } from './connection.ts';
import { BadCursor } from './errors.ts';

/** One attempt to change something: who, when, from where, what, and what came of it. No texts, no secrets. */
export interface AuditEntry {
  /** A ULID: sorts by time. */
  readonly id: string;
  /** RFC 3339. */
  readonly at: string;
  /** `cli` is what the client says of itself; `local`: a command line at the state directory. */
  readonly via: 'http' | 'cli' | 'link' | 'local';
  /** The address at the other end of the socket; null for `local`. */
  readonly from: string | null;
  /** The client's `User-Agent`. */
  readonly agent: string | null;
  /** Whose token it was; null for links, for `local`, and when nobody was let in. */
  readonly token: string | null;
  readonly keyId: string | null;
  readonly person: string | null;
  readonly role: string | null;
  /** In whose name it was said; null when it did not come so far. */
  readonly by: string | null;
  /** `by` is somebody else than the token speaks for. */
  readonly onBehalf: boolean;
  /** `acknowledge`, `declare`, `token.create` … */
  readonly command: string;
  /** What it was about, in the words that were used: an incident's id, the name of a token. */
  readonly subject: string | null;
  readonly workflowId: string | null;
  readonly incidentId: string | null;
  readonly requestId: string | null;
  /** `unchanged`: it held already, or the same request came before. `pending`: durable, and no worker has taken it. */
  readonly outcome: 'done' | 'unchanged' | 'pending' | 'refused' | 'failed';
  /** The HTTP status; null for `local`. */
  readonly status: number | null;
  /** Attempts without a valid credential before this one that have no line of their own: there were too many. */
  readonly omitted: number;
}

export interface AuditQuery {
  /** 1 to 200; 50 unless said. */
  readonly limit?: number;
  /** `next` of the page before. */
  readonly cursor?: string;
  /** Names of one incident: lines that have any of them as subject, workflow id or incident id. */
  readonly names?: readonly string[];
  /** With `names`: leaves out lines that are known to mean another incident. */
  readonly incidentId?: string;
}

export interface AuditPage {
  /** Newest first. */
  readonly entries: readonly AuditEntry[];
  /** Null at the end. */
  readonly next: string | null;
}

const LIMIT = { usual: 50, most: 200 };

/** `entries` are clean already. */
export async function writeAudit(db: Db, entries: readonly AuditEntry[]): Promise<void> {
  if (entries.length === 0) return;
  const rows = entries.map((entry) => ({
    ...{ id: entry.id, at: Date.parse(entry.at), subject: entry.subject },
    ...{ workflow_id: entry.workflowId, incident_id: entry.incidentId, entry: JSON.stringify(entry) },
  }));
  await db
    .insertInto('audit')
    .values(rows)
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

/** `query` is clean already. Throws `BadCursor`. */
export async function readAudit(db: Db, { limit, cursor, names, incidentId }: AuditQuery): Promise<AuditPage> {
  const most = Math.min(Math.max(Math.trunc(limit ?? LIMIT.usual), 1), LIMIT.most);
  let select = db.selectFrom('audit').select(['id', 'entry']);
  if (cursor !== undefined) select = select.where('id', '<', auditCursor(cursor));
  if (names !== undefined) {
    const all = [...names];
    select = select.where((eb) =>
      eb.or([eb('subject', 'in', all), eb('workflow_id', 'in', all), eb('incident_id', 'in', all)]),
    );
    if (incidentId !== undefined) {
      select = select.where((eb) => eb.or([eb('incident_id', 'is', null), eb('incident_id', '=', incidentId)]));
    }
  }
  const rows = await select
    .orderBy('id', 'desc')
    .limit(most + 1)
    .execute();
  const page = rows.slice(0, most);
  return {
    entries: page.map(({ entry }) => JSON.parse(entry) as AuditEntry),
    next: rows.length > most ? (page.at(-1)?.id ?? null) : null,
  };
}

/** Throws `BadCursor`. */
export function auditCursor(cursor: string): string {
  if (/^[0-9A-Z]{26}$/.test(cursor)) return cursor;
  throw new BadCursor();
}
