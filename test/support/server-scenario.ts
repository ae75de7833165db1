/**
 * A story told at the outer doors: a whole webhook server, as a process runs it, before the real workflows on the
 * time-skipping server, with ports that write a ledger. Who is behind a level is what its configuration says now.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join as joinPath } from 'node:path';
import { pino } from 'pino';
import type { Ports } from '../../activities/ports.ts';
import { openConfigSource } from '../../config/config-source.ts';
import { loadConfig } from '../../config/load.ts';
import { resolvePeople } from '../../config/policy.ts';
import { connectClient, temporalSettings } from '../../runtime/temporal-connection.ts';
import { startWebhookServer } from '../../webhook-server/start-webhook-server.ts';
import { postIncidentWorkflowId } from '../../workflows/contract.ts';
import { createTokenStore, tokenFileOf } from '../../webhook-server/security/token-store.ts';
import { callCli, type CliResult } from '../cli/run-cli.ts';
import { unavailableRecords } from '../webhook-server/support/test-records.ts';
import type { FakeVendors } from './fake-vendors.ts';
import { createLedger, DEFAULT_ROSTER, type Ledger } from './ledger.ts';
import { connectRelay, listenOnLoopback, closeRelay } from './tcp-relay.ts';
import { releaseClock, waitUntilSettled, sleepReleasingLocks } from './settle.ts';
import { startWorkers, type World } from './scenario.ts';
import { until } from './until.ts';

export const SCENARIO_ADMIN_TOKEN = 'admin-token-of-this-story';
export const SCENARIO_SENDER_TOKEN = 'sender-token-of-this-story';

/** On-call is ana, then bo; eve is in no level. `more` stands at the end. */
export const serverScenarioYaml = ({ more = '', bo = 'terminal' } = {}): string => `
organization: Test House
publicUrl: http://tocsin.test
people:
  ana: { contact: [terminal] }
  bo: { contact: [${bo}] }
  eve: { contact: [terminal] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo] }
services:
  payments: { team: platform, component: Checkout }
sources:
  alertmanager: { token: ${SCENARIO_SENDER_TOKEN} }
routes:
  - team: platform
lastResort: off
${more}`;

export interface HttpAnswer {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  /** Real time. */
  readonly ms: number;
}

export interface ServerScenarioDriver {
  /** A POST with a bearer token: ana's unless said. */
  readonly post: (path: string, body: unknown, token?: string, key?: string) => Promise<HttpAnswer>;
  readonly get: (path: string) => Promise<HttpAnswer>;
  /** A word of the command line, by ana. */
  readonly cli: (...argv: readonly string[]) => Promise<CliResult>;
  /** Lets so many minutes pass, with everything that falls due in them. */
  readonly advanceMinutes: (minutes: number) => Promise<void>;
  readonly settle: () => Promise<void>;
  /** Where the server listens. */
  readonly url: string;
  /** The server reaches Temporal, or it does not; workers always do. `true` resolves when nothing waits any more. */
  readonly setTemporalReachable: (isThere: boolean) => Promise<void>;
  readonly stopWorkers: () => Promise<void>;
  readonly startWorkers: () => Promise<void>;
  /** Another configuration file stands there. */
  readonly writeConfig: (yaml: string) => void;
  /** A token that is bound to nobody. */
  readonly machineToken: string;
  readonly ledger: Ledger;
}

export interface ServerScenarioSettings {
  readonly yaml?: string;
  /** The spool has no place on the disk. */
  readonly noSpool?: boolean;
  /** Workers will be stopped and started. */
  readonly withoutWorkflowCache?: boolean;
  /** Real ones, with the records, instead of the ledger's ports. */
  readonly vendors?: Pick<FakeVendors, 'ports' | 'records' | 'secret'>;
}

let scenarioCount = 0;

/** Plays it and returns its ledger: every outward act, with its minute since the doors opened. */
export async function runServerScenario(
  { env, bundle }: World,
  { yaml = serverScenarioYaml(), noSpool = false, withoutWorkflowCache = false, vendors }: ServerScenarioSettings,
  runSteps: (driver: ServerScenarioDriver) => Promise<void>,
): Promise<string[]> {
  scenarioCount += 1;
  if (scenarioCount > 1) await releaseClock(env);
  const home = mkdtempSync(joinPath(tmpdir(), 'tocsin-doors-'));
  const file = joinPath(home, 'tocsin.yaml');
  const writeConfig = (text: string): void => writeFileSync(file, text);
  writeConfig(yaml);
  if (noSpool) writeFileSync(joinPath(home, 'spool'), '');
  const log = pino({ level: 'silent' });
  const load = () => loadConfig({ env: { TOCSIN_CONFIG: file }, mustExist: true });
  const source = openConfigSource({ first: load(), load, log });
  const ledger = createLedger(DEFAULT_ROSTER, {});
  const resolve: Ports['directory']['resolve'] = (name, team) => {
    const people = resolvePeople(source.current(), name, team);
    return { isKnown: people !== null, people: people ?? [] };
  };
  const contacts: Ports['directory']['contacts'] = (person) =>
    source
      .current()
      .people.get(person)
      ?.contacts.some(({ kind }) => kind === 'terminal')
      ? ledger.ports.directory.contacts(person)
      : [];
  const directory = { ...ledger.ports.directory, resolve, contacts };
  const ports: Ports = vendors?.ports ?? { ...ledger.ports, directory };
  const tokens = createTokenStore(tokenFileOf(home));
  const ana = await tokens.create({ name: 'laptop', person: 'ana', role: 'responder' });
  const machineToken = await tokens.create({ name: 'deploy-bot', person: null, role: 'responder' });

  const temporalRelay = await startTemporalRelay(Number(env.address.split(':')[1]));
  const { client, close } = connectClient(
    temporalSettings({ address: `127.0.0.1:${temporalRelay.port}`, namespace: 'default' }, {}),
  );
  const server = await startWebhookServer({
    ...{
      source,
      connection: client.connection,
      namespace: 'default',
      records: vendors?.records ?? unavailableRecords(),
      secret: vendors?.secret ?? 'a secret',
    },
    ...{ home, host: '127.0.0.1', port: 0, adminToken: SCENARIO_ADMIN_TOKEN, log },
  });
  let stop: (() => Promise<void>) | null = await startWorkers(env, bundle, ports, withoutWorkflowCache);
  /** Workflow ids that an answer has named. */
  const ids = new Set<string>();
  const settle = (): Promise<void> => waitUntilSettled(env, [...ids], ledger);

  async function fetchAndSettle(path: string, init: RequestInit): Promise<HttpAnswer> {
    const begunAt = performance.now();
    const answer = await fetch(server.url + path, init);
    const json = (await answer.json()) as HttpAnswer['json'];
    for (const id of workflowIdsIn(json)) ids.add(id);
    const ms = performance.now() - begunAt;
    if (stop !== null) await settle();
    return { status: answer.status, json, ms };
  }
  const authorization = (token: string) => ({ authorization: `Bearer ${token}` });

  const since = await env.currentTimeMs();
  try {
    await runSteps({
      post: (path, body, token = ana, key) =>
        fetchAndSettle(path, {
          method: 'POST',
          headers: {
            ...{ 'content-type': 'application/json', ...authorization(token) },
            ...(key === undefined ? {} : { 'idempotency-key': key }),
          },
          body: JSON.stringify(body),
        }),
      get: (path) => fetchAndSettle(path, { headers: authorization(ana) }),
      async cli(...argv) {
        const ran = await callCli(argv, { env: { TOCSIN_URL: server.url, TOCSIN_TOKEN: ana }, cwd: home });
        await settle();
        return ran;
      },
      async advanceMinutes(minutes) {
        await sleepReleasingLocks(env, minutes * 60_000);
        await settle();
      },
      settle,
      url: server.url,
      async setTemporalReachable(isThere) {
        if (!isThere) return temporalRelay.cut();
        await temporalRelay.restore();
        await until(async () => {
          const ready = await fetch(`${server.url}/readyz`);
          const { temporal, spooled } = (await ready.json()) as HttpAnswer['json'];
          return temporal === 'up' && spooled === 0;
        }, 20_000);
        await settle();
      },
      async stopWorkers() {
        await stop?.();
        stop = null;
      },
      async startWorkers() {
        stop = await startWorkers(env, bundle, ports, withoutWorkflowCache);
        await settle();
      },
      writeConfig,
      machineToken,
      ledger,
    });
    return ledger.lines(since);
  } finally {
    await server.drain();
    await close();
    for (const id of ids) await env.client.workflow.getHandle(id).terminate('the scenario is over').catch(ignored);
    await stop?.();
    await temporalRelay.cut();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The incidents that an answer is about, and what follows each. */
function workflowIdsIn({ id, workflowId, incidents }: HttpAnswer['json']): readonly string[] {
  const listed = Array.isArray(incidents) ? (incidents as { readonly workflowId: string }[]) : [];
  return [
    ...(typeof workflowId === 'string' ? [workflowId] : []),
    ...(typeof id === 'string' ? [postIncidentWorkflowId(id)] : []),
    ...listed.map((each) => each.workflowId),
  ];
}

/** The way from the server to Temporal. */
async function startTemporalRelay(to: number) {
  const pairs = new Map<number, Socket>();
  const relay = createServer((socket) => connectRelay(socket, to, pairs));
  const port = await listenOnLoopback(relay, 0);
  return {
    port,
    cut: () => closeRelay(relay, pairs),
    restore: async () => void (await listenOnLoopback(relay, port)),
  };
}

const ignored = (): void => undefined;
