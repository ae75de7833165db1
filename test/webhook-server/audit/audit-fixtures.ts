/** Lines for the tests of the audit, and where they are looked for. */
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { AuditEntry } from '../../../records/open-records.ts';
import { createAuditEntry } from '../../../webhook-server/audit/audit-files.ts';
import { bearer, type TestHttpServer } from '../support/test-http-server.ts';

export const NOON = Date.UTC(2026, 10, 21, 12);

export const anAuditEntry = (subject: string, over: Partial<AuditEntry> = {}): AuditEntry => ({
  ...createAuditEntry({ via: 'http', command: 'acknowledge', outcome: 'done', subject, token: 'ops' }, NOON),
  ...over,
});

export const temporary = (): { readonly path: string; readonly remove: () => void } => {
  const path = mkdtempSync(join(tmpdir(), 'tocsin-audit-'));
  return { path, remove: () => rmSync(path, { recursive: true, force: true }) };
};

export const FILE = 'audit-2026-11.jsonl';

export const textOf = (directory: string): string => readFileSync(join(directory, FILE), 'utf8');

export interface AuditResponse {
  readonly audit: readonly AuditEntry[];
  readonly next: string | null;
  readonly complete: boolean;
}

/** Asks as an administrator. */
export async function askAudit(edge: TestHttpServer, query = ''): Promise<AuditResponse> {
  const answer = await fetch(`${edge.url}/api/v1/audit${query}`, { headers: bearer(edge.tokens.admin) });
  expect(answer.status).toBe(200);
  return (await answer.json()) as AuditResponse;
}

/** Waits until `claim` holds; says what did not when it never does. */
export async function until(what: string, withinMs: number, claim: () => boolean | Promise<boolean>): Promise<void> {
  for (const end = Date.now() + withinMs; !(await claim());) {
    if (Date.now() > end) throw new Error(`not within ${withinMs} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}
