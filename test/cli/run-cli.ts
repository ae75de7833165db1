/** The command line against a real HTTP server that answers only what a test expects, and remembers the rest. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

import type { CliContext, LazyProcesses } from '../../cli/command.ts';
import { runCli } from '../../cli/program.ts';

interface SeenRequest {
  readonly request: string;
  readonly body: unknown;
  readonly key: string | undefined;
  readonly authorization: string | undefined;
}

type Reply = (response: ServerResponse, seen: SeenRequest) => void;

export interface FakeTocsinApi {
  readonly url: string;
  readonly seen: SeenRequest[];
  /** Requests that no expectation was made for; they are answered with 500. */
  readonly unexpected: string[];
  close(): Promise<void>;
}

/** `expected`: `POST /path` → the replies, one after the other; the last one is repeated. */
export async function startFakeTocsinApi(
  expected: Readonly<Record<string, Reply | readonly Reply[]>>,
): Promise<FakeTocsinApi> {
  const seen: SeenRequest[] = [];
  const unexpected: string[] = [];
  const counts = new Map<string, number>();
  const server = createServer((request, response) => {
    void read(request).then((text) => {
      const line = `${request.method} ${request.url}`;
      const entry: SeenRequest = {
        request: line,
        body: text === '' ? undefined : JSON.parse(text),
        key: request.headers['idempotency-key'] as string | undefined,
        authorization: request.headers.authorization,
      };
      seen.push(entry);
      const replies = [expected[line] ?? []].flat();
      const count = counts.get(line) ?? 0;
      counts.set(line, count + 1);
      const reply = replies[Math.min(count, replies.length - 1)];
      if (reply) return reply(response, entry);
      unexpected.push(line);
      response.writeHead(500, { 'content-type': 'application/problem+json' }).end('{"title":"not expected"}');
    });
  });
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    seen,
    unexpected,
    close: () => {
      server.closeAllConnections();
      return new Promise((closed) => server.close(() => closed()));
    },
  };
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

export const json =
  (status: number, body: unknown, headers: Record<string, string> = {}): Reply =>
  (response) => {
    const type = status < 400 ? 'application/json' : 'application/problem+json';
    response.writeHead(status, { 'content-type': `${type}; charset=utf-8`, ...headers }).end(JSON.stringify(body));
  };

export const html =
  (status: number): Reply =>
  (response) => {
    response.writeHead(status, { 'content-type': 'text/html' }).end('<html><body>Sign in</body></html>');
  };

export const neverAnswer: Reply = () => undefined;

export const hangUp: Reply = (response) => void response.socket?.destroy();

const nothingStarts = async (): Promise<never> => {
  throw new Error('a process was started that the test did not expect');
};

export const NO_PROCESSES: LazyProcesses = {
  up: nothingStarts,
  server: nothingStarts,
  worker: nothingStarts,
  createToken: nothingStarts,
  rotateToken: nothingStarts,
  revokeToken: nothingStarts,
  rebuildRecords: nothingStarts,
  listTokens: nothingStarts,
};

export const TOKEN = 'token-of-ana-0123456789';

export interface CliResult {
  readonly code: number;
  readonly out: string;
  readonly err: string;
}

/** Runs the command line as `tocsin` would. */
export async function callCli(argv: readonly string[], context: Partial<CliContext> = {}): Promise<CliResult> {
  let out = '';
  let err = '';
  const code = await runCli(argv, {
    env: {},
    cwd: '/nonexistent',
    version: '9.9.9',
    processes: NO_PROCESSES,
    ...context,
    out: (text) => (out += text),
    err: (text) => (err += text),
  });
  return { code, out, err };
}

/** A small valid incident as the API shows it. */
export function anIncident(over: Readonly<Record<string, unknown>> = {}): Record<string, unknown> {
  return {
    reference: null,
    workflowId: 'platform-3f9c21',
    id: '01K00000000000000000000000',
    url: 'http://127.0.0.1:8080/incidents/platform-3f9c21',
    title: 'Database down',
    summary: '',
    severity: 'SEV2',
    highestSeverity: 'SEV2',
    severityGuessed: false,
    phase: 'investigating',
    outcome: null,
    test: false,
    restricted: false,
    team: 'platform',
    service: 'payments',
    roles: { ic: 'ana', technicalLead: null, communicationsLead: null, scribe: null },
    impact: null,
    alerts: [],
    alertCount: 0,
    firingCount: 0,
    truncatedAlerts: 0,
    deadlines: [],
    deliveries: [],
    detectedAt: null,
    declaredAt: '2026-11-21T12:00:00.000Z',
    acknowledgedAt: null,
    mitigatedAt: null,
    resolvedAt: null,
    closedAt: null,
    recurrenceOf: null,
    mergedInto: null,
    channel: null,
    ticket: null,
    flapping: false,
    seq: 4,
    ...over,
  };
}
