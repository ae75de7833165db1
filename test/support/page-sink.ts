/**
 * Where pages go in whole-system tests: a real HTTP server for the webhook contacts of a few people, which writes down
 * every page and counts whatever it did not expect.
 */
import { createServer } from 'node:http';
import type { IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Page } from '../../activities/ports.ts';

export interface ReceivedPage {
  readonly at: number;
  readonly person: string;
  readonly page: Page;
}

/** What to answer: a status, with the headers that go with it, or nothing, ever. */
export type SinkAnswer = number | 'nothing' | { readonly status: number; readonly retryAfter: string };

export interface TriedPage {
  readonly at: number;
  readonly person: string;
  readonly key: string;
  readonly answer: SinkAnswer;
}

export interface PageSink {
  /** `http://127.0.0.1:port/ana` is Ana's contact. */
  readonly url: string;
  readonly received: readonly ReceivedPage[];
  /** Requests that no page looks like; a test that ends with any has failed. */
  readonly unexpected: readonly string[];
  /** Every page that came, whatever it was answered. */
  readonly tried: readonly TriedPage[];
  /** What to answer from now on: 200 unless told. */
  answerWith(status: number): void;
  /** What to answer to this person's next pages, one after the other, before that. */
  answerNext(person: string, ...answers: readonly SinkAnswer[]): void;
  /** Resolves with the first page that fits; rejects with what came instead when none does in time. */
  waitFor(what: string, fits: (received: ReceivedPage) => boolean, withinMs: number): Promise<ReceivedPage>;
  close(): Promise<void>;
}

export async function startPageSink(people: readonly string[]): Promise<PageSink> {
  const received: ReceivedPage[] = [];
  const unexpected: string[] = [];
  const tried: TriedPage[] = [];
  const next = new Map<string, SinkAnswer[]>();
  let usual: SinkAnswer = 200;
  const server = createServer((req, res) => {
    void readBody(req).then((body) => {
      const person = (req.url ?? '').slice(1);
      const problem = problemWith(req, person, body, people);
      if (problem !== null) {
        unexpected.push(problem);
        res.writeHead(418).end();
        return;
      }
      const page = JSON.parse(body) as Page;
      const answer = next.get(person)?.shift() ?? usual;
      tried.push({ at: Date.now(), person, key: page.key, answer });
      if (answer === 'nothing') return;
      const { status, retryAfter } = typeof answer === 'number' ? { status: answer, retryAfter: null } : answer;
      if (status < 300) received.push({ at: Date.now(), person, page });
      res.writeHead(status, retryAfter === null ? {} : { 'retry-after': retryAfter }).end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    received,
    unexpected,
    tried,
    answerWith: (status) => {
      usual = status;
    },
    answerNext: (person, ...answers) => {
      next.set(person, [...(next.get(person) ?? []), ...answers]);
    },
    waitFor: async (what, fits, withinMs) => {
      const end = Date.now() + withinMs;
      for (;;) {
        const found = received.find(fits);
        if (found) return found;
        if (Date.now() > end) throw new Error(`no ${what} within ${withinMs} ms; received:\n${summary(received)}`);
        await new Promise((resolve) => setTimeout(resolve, 20));
      }
    },
    close: async () => {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}

function problemWith(req: IncomingMessage, person: string, body: string, people: readonly string[]): string | null {
  if (req.method !== 'POST') return `${req.method} ${req.url}`;
  if (!people.includes(person)) return `a page for ${person}`;
  try {
    const page = JSON.parse(body) as Page;
    if (page.to !== person) return `${person} got ${page.to}'s page`;
    if (req.headers['idempotency-key'] !== page.key)
      return `key ${page.key} under header ${String(req.headers['idempotency-key'])}`;
  } catch {
    return `not JSON: ${body.slice(0, 100)}`;
  }
  return null;
}

async function readBody(req: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of req) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString();
}

function summary(received: readonly ReceivedPage[]): string {
  return received
    .map(({ page }) => `${page.kind} ${page.to} ${page.reason} ${page.key} "${page.incident.title}"`)
    .join('\n');
}

/** Pages that break the promise of one key for each (incident, cycle, level, attempt, person, method), both ways. */
export function pagesUnderTwoKeys(received: readonly ReceivedPage[]): string[] {
  const keys = new Map<string, Set<string>>();
  for (const { page } of received.filter(({ page: { kind } }) => kind !== 'notification')) {
    const method = page.key.slice(page.key.lastIndexOf('.') + 1);
    const tuple = [page.incident.id, page.cycle, page.level, page.attempt, page.to, method].join(' ');
    keys.set(tuple, (keys.get(tuple) ?? new Set()).add(page.key));
  }
  return [...keys].filter(([, found]) => found.size > 1).map(([tuple, found]) => `${tuple}: ${[...found].join(', ')}`);
}
