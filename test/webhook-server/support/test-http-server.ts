/** The HTTP edge on a free port, over a gateway that fails on every call a test did not expect. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Config } from '../../../config/config.ts';
import { loadConfig } from '../../../config/load.ts';
import { createSigner, type Signer } from '../../../runtime/digests.ts';
import type { IncidentView } from '../../../domain/engine/view.ts';
import { createApp } from '../../../webhook-server/app.ts';
import { openAudit } from '../../../webhook-server/audit/audit.ts';
import type { AppDeps } from '../../../webhook-server/dependencies.ts';
import type { IncidentsGateway, RoutedAlerts } from '../../../webhook-server/incidents/gateway.ts';
import { provisionalView } from '../../../webhook-server/incidents/declare-incident.ts';
import type { TokenRole } from '../../../webhook-server/security/people-auth.ts';
import { createTokenStore } from '../../../webhook-server/security/token-store.ts';
import { startServer, type RunningServer, type ServerOptions } from '../../../webhook-server/http/server.ts';
import { aPolicy } from '../../support/builders.ts';
import { unavailableRecords } from './test-records.ts';

export const HTTP_TEST_SECRETS = {
  AM_TOKEN: 'am-secret-token',
  GENERIC_TOKEN: 'generic-secret-token',
  HMAC: 'hmac-secret',
  PD_KEY: 'pd-routing-key',
};

export const HTTP_TEST_YAML = `
organization: Example
publicUrl: http://tocsin.example
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "http://127.0.0.1:9911/ana" }] }
  bo: { name: Bo Lind, contact: [{ webhook: "http://127.0.0.1:9911/bo" }] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo] }
  data: { onCall: bo, escalation: [onCall, ana] }
services:
  payments: { team: platform, runbook: "https://runbooks.example/payments", component: Checkout }
sources:
  alertmanager: { token: "\${AM_TOKEN}" }
  grafana: { token: "\${AM_TOKEN}", hmacSecret: "\${HMAC}", timestampHeader: X-Signed-At }
  generic: { token: "\${GENERIC_TOKEN}" }
  pagerdutyEvents: { routingKeys: { legacy: "\${PD_KEY}", other: other-routing-key } }
routes:
  - { match: { service: secrets }, team: platform, restricted: true }
  - { match: { team: data }, team: data }
  - { match: { site: "*" }, team: platform, correlateBy: [site] }
  - team: platform
`;

export function configFromYaml(yaml: string = HTTP_TEST_YAML): Config {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-edge-'));
  const path = join(folder, 'tocsin.yaml');
  writeFileSync(path, yaml);
  try {
    return loadConfig({ path, env: HTTP_TEST_SECRETS });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const NO_COUNTS = {
  batches: 0,
  spooled: 0,
  replayed: 0,
  rejectedByTemporal: 0,
  notDurable: 0,
  joinedStorm: 0,
  suppressed: 0,
  endsDropped: 0,
  corruptSpoolLines: 0,
};
const UP = { temporal: 'up', spool: 'writable', spooled: 0, storms: 0 } as const;

/** Every call that is not in `expected` fails the request, and so the test. */
function strictGateway(expected: Partial<IncidentsGateway>): IncidentsGateway {
  const refuse = (name: string) => () => Promise.reject(new Error(`nobody expected gateway.${name}()`));
  return {
    report: refuse('report'),
    reportAbsences: () => Promise.resolve([]),
    declare: refuse('declare'),
    command: refuse('command'),
    show: refuse('show'),
    timeline: refuse('timeline'),
    pendingGroup: () => null,
    explain: refuse('explain'),
    running: refuse('running'),
    preview: (routed) => ({
      routed,
      destination: { to: 'own', workflowId: routed.declaration.workflowId, reason: null },
      reasons: [],
    }),
    state: () => Promise.resolve(UP),
    counts: () => NO_COUNTS,
    ...expected,
  };
}

export interface TestHttpServer {
  readonly url: string;
  readonly server: RunningServer;
  readonly signer: Signer;
  readonly tokens: Readonly<Record<TokenRole, string>>;
  /** Everything the gateway was asked to make durable. */
  readonly reportedAlerts: RoutedAlerts[];
  readonly logged: object[];
  /** The state directory. */
  readonly home: string;
  post(path: string, body: unknown, headers?: Readonly<Record<string, string>>): Promise<Response>;
  close(): Promise<void>;
}

export interface TestHttpServerOptions extends Partial<Omit<AppDeps, 'gateway' | 'config'>> {
  readonly gateway?: Partial<IncidentsGateway>;
  readonly yaml?: string;
  readonly server?: Partial<Omit<ServerOptions, 'app'>>;
}

export async function startTestHttpServer({
  gateway = {},
  yaml,
  server: listening,
  ...deps
}: TestHttpServerOptions = {}): Promise<TestHttpServer> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-tokens-'));
  const store = createTokenStore(join(folder, 'tokens.json'));
  const tokens = {
    viewer: await store.create({ name: 'screen', person: null, role: 'viewer' }),
    responder: await store.create({ name: "Ana's laptop", person: 'ana', role: 'responder' }),
    admin: await store.create({ name: 'ops', person: null, role: 'admin' }),
  };
  const reportedAlerts: RoutedAlerts[] = [];
  const logged: object[] = [];
  const note = (entry: unknown): void => void logged.push(entry as object);
  const signer = createSigner('link-secret');
  const config = configFromYaml(yaml);
  const log = { info: note, warn: note, error: note };
  const records = deps.records ?? unavailableRecords();
  const audit = openAudit({ home: folder, records, log });
  const app = createApp({
    config: () => config,
    gateway: strictGateway({
      report: (routedAlerts) => {
        reportedAlerts.push(...routedAlerts);
        return Promise.resolve(routedAlerts.map(({ declaration }) => declaration.workflowId));
      },
      ...gateway,
    }),
    records: unavailableRecords(),
    stateDirectory: folder,
    tokens: store,
    audit,
    signer,
    log: { info: note, warn: note, error: note },
    ...deps,
  });
  const server = await startServer({ app, host: '127.0.0.1', port: 0, ...listening });
  return {
    url: server.url,
    server,
    signer,
    tokens,
    reportedAlerts,
    logged,
    home: folder,
    post: (path, body, headers = {}) =>
      fetch(`${server.url}${path}`, {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body:
          typeof body === 'string' ? body : body instanceof Uint8Array ? new Uint8Array(body) : JSON.stringify(body),
      }),
    async close() {
      await server.close();
      await audit.close();
      rmSync(folder, { recursive: true });
    },
  };
}

/** The answer to a GET with the viewer's token. */
export const look = (edge: TestHttpServer, path: string): Promise<Response> =>
  fetch(edge.url + path, { headers: bearer(edge.tokens.viewer) });

export const bearer = (token: string): Record<string, string> => ({ authorization: `Bearer ${token}` });

export function viewOf(changes: Partial<IncidentView> = {}): IncidentView {
  const about = { workflowId: 'inc-platform-1', incidentId: 'E1', title: 'Database down', summary: '' } as const;
  const view = provisionalView(
    { ...about, severity: 'SEV1', policy: aPolicy() } as Parameters<typeof provisionalView>[0],
    0,
  );
  return { ...view, team: 'platform', ...changes };
}

/** Sends bytes as they are; resolves with everything that came back until the server hung up or `ms` passed. */
export function rawRequest(url: string, bytes: string | Buffer, ms = 1500): Promise<string> {
  return new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url);
    const socket = connect(Number(port), hostname, () => socket.write(bytes));
    let answer = '';
    socket.setEncoding('utf8').on('data', (chunk: string) => (answer += chunk));
    const timer = setTimeout(() => socket.destroy(), ms);
    socket.once('close', () => {
      clearTimeout(timer);
      resolve(answer);
    });
    socket.once('error', (error: NodeJS.ErrnoException) =>
      error.code === 'ECONNRESET' ? resolve(answer) : reject(error),
    );
  });
}

/** A valid Alertmanager message with one firing alert; `over` changes the message, `alert` its alert. */
export function base(over: object = {}, alert: object = {}): Record<string, unknown> {
  return {
    version: '4',
    groupKey: '{}:{alertname="Down"}',
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tocsin',
    groupLabels: { alertname: 'Down' },
    commonLabels: { alertname: 'Down', severity: 'critical' },
    commonAnnotations: {},
    externalURL: 'http://am.example',
    alerts: [
      {
        status: 'firing',
        labels: { alertname: 'Down', severity: 'critical' },
        annotations: { summary: 'It is down' },
        startsAt: '2026-01-05T09:00:00.123456789+01:00',
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://prometheus.example/graph',
        fingerprint: 'aaaabbbbccccdddd',
        ...alert,
      },
    ],
    ...over,
  };
}
