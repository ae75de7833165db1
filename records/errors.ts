/** What the records throw on purpose, and how they tell apart what a database may throw. */

/** The database is away, or did not answer in time. Whether it stored what it was given is not known. */
export class RecordsDown extends Error {
  override name = 'RecordsDown';
}

/** Not a cursor that a list of ours returned. */
export class BadCursor extends Error {
  override name = 'BadCursor';

  constructor() {
    super('not a cursor of this list');
  }
}

/** The connection is gone, or never was. The database itself has not answered. */
export class ConnectionLost extends Error {
  override name = 'ConnectionLost';

  constructor(cause: unknown) {
    super(messageOf(cause), { cause });
  }
}

/** The caller has given up waiting; the statement may still be carried out. */
export class QueryTimeout extends Error {
  override name = 'QueryTimeout';

  constructor(what: string, ms: number) {
    super(`${what} took more than ${ms / 1000} s`);
  }
}

/** The five characters of SQLSTATE when the database itself refused, else null. */
export function sqlStateOf(error: unknown): string | null {
  const code = (error as { readonly code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !code.startsWith('E') ? code : null;
}

/** The database cannot be asked again at once: it is gone, shutting down or out of connections. */
export function isConnectionLoss(error: unknown): boolean {
  return error instanceof ConnectionLost || /^(08|57P0|25P03|53300)/.test(sqlStateOf(error) ?? '');
}

/** It may work when tried again: lost connections, timeouts, conflicts with another statement. */
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

/** Rejects with `QueryTimeout` when `promise` takes longer than `ms`; a later result is dropped. */
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
