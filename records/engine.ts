/** What a database is to the records, whichever it is; kysely's dialect for Postgres runs on it. */
import type { PostgresPool, PostgresPoolClient } from 'kysely';

/** The longest a statement, or the wait for a connection, may take, ms. */
export const CALL_MS = 5000;

export interface Engine extends PostgresPool {
  /** Makes contact, anew after a loss. Rejects with the reason. `onLoss`: for a loss that no statement met. */
  start(onLoss: (reason: string) => void): Promise<void>;
  connect(): Promise<PostgresPoolClient>;
  /** Bounded; nothing is running afterwards. */
  end(): Promise<void>;
}

/** The connection is gone, or never was: nothing that the database said. */
export class ConnectionLost extends Error {
  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
    this.name = 'Lost';
  }
}

/** Whoever asked has given up waiting; what it asked for may still be done. */
export class QueryTimeout extends Error {
  constructor(what: string, ms: number) {
    super(`${what} took more than ${ms / 1000} s`);
    this.name = 'TooSlow';
  }
}

/** Five characters of SQLSTATE when the database itself said no, else null. */
export function sqlStateOf(error: unknown): string | null {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : null;
}

/** The database is not there to be asked again at once: gone, going or full of connections. */
export function isConnectionLoss(error: unknown): boolean {
  return error instanceof ConnectionLost || /^(08|57P0|25P03|53300)/.test(sqlStateOf(error) ?? '');
}

/** It may work when tried again: losses, and statements that took too long or met another. */
export function isTransient(error: unknown): boolean {
  return (
    isConnectionLoss(error) || error instanceof QueryTimeout || /^(53|57|58|40|55P03)/.test(sqlStateOf(error) ?? '')
  );
}

export function messageOf(error: unknown): string {
  const { message, code } = (error ?? {}) as { readonly message?: unknown; readonly code?: unknown };
  const text = [message, code].find((part) => typeof part === 'string' && part !== '');
  return typeof text === 'string' ? text : String(error);
}

/** Rejects with `TooSlow` when `promise` takes longer than `ms`; what comes later is dropped. */
export async function within<T>(ms: number, promise: Promise<T>, what: string): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new QueryTimeout(what, ms)), ms);
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
