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
import { peopleBehind } from '../../config/on-call.ts';
import { connectClient, temporalSettings } from '../../config/temporal.ts';
import { startWebhookServer } from '../../webhook-server/run.ts';
import { createTokenStore, tokenFileOf } from '../../webhook-server/security/tokens.ts';
import { tocsin, type Ran } from '../cli/support.ts';
import { awayRecords } from '../webhook-server/support/records.ts';
import { createLedger, CREW, type Ledger } from './ledger.ts';
import { join, listen, shut } from './relay.ts';
import { freeClock, settled, sleepSurely } from './settle.ts';
import { startWorkers, type World } from './story.ts';
import { until } from './until.ts';

export const ADMIN = 'admin-token-of-this-story';
export const SENDER = 'sender-token-of-this-story';

/** On-call is ana, then bo; eve is in no level. `more` stands at the end. */
export const edgeYaml = ({ more = '', bo = 'terminal' } = {}): string => `
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
  alertmanager: { token: ${SENDER} }
routes:
  - team: platform
lastResort: off
${more}`;

export interface Answered {
  readonly status: number;
  readonly json: Readonly<Record<string, unknown>>;
  /** Real time. */
  readonly ms: number;
}

export interface EdgeTeller {
  /** A POST with a bearer token: ana's unless said. */
  readonly post: (path: string, body: unknown, token?: string, key?: string) => Promise<Answered>;
  readonly get: (path: string) => Promise<Answered>;
  /** A word of the command line, by ana. */
  readonly cli: (...argv: readonly string[]) => Promise<Ran>;
  /** Lets so many minutes pass, with everything that falls due in them. */
  readonly pass: (minutes: number) => Promise<void>;
  readonly settle: () => Promise<void>;
  /** The server reaches Temporal, or it does not; workers always do. `true` resolves when nothing waits any more. */
  readonly reach: (isThere: boolean) => Promise<void>;
  readonly stopWorkers: () => Promise<void>;
  readonly startWorkers: () => Promise<void>;
  /** Another configuration file stands there. */
  readonly write: (yaml: string) => void;
  /** A token that is bound to nobody. */
  readonly machine: string;
  readonly ledger: Ledger;
}

export interface EdgeSetting {
  readonly yaml?: string;
  /** The spool has no place on the disk. */
  readonly noSpool?: boolean;
  /** Workers will be stopped and started. */
  readonly forgetful?: boolean;
}

let told = 0;

/** Plays it and returns its ledger: every outward act, with its minute since the doors opened. */
export async function edgeStory(
  { env, bundle }: World,
  { yaml = edgeYaml(), noSpool = false, forgetful = false }: EdgeSetting,
  tell: (teller: EdgeTeller) => Promise<void>,
): Promise<string[]> {
  told += 1;
  if (told > 1) await freeClock(env);
  const home = mkdtempSync(joinPath(tmpdir(), 'tocsin-doors-'));
  const file = joinPath(home, 'tocsin.yaml');
  const write = (text: string): void => writeFileSync(file, text);
  write(yaml);
  if (noSpool) writeFileSync(joinPath(home, 'spool'), '');
  const log = pino({ level: 'silent' });
  const load = () => loadConfig({ env: { TOCSIN_CONFIG: file }, mustExist: true });
  const source = openConfigSource({ first: load(), load, log });
  const ledger = createLedger(CREW, {});
  const resolve: Ports['directory']['resolve'] = (name, team) => {
    const people = peopleBehind(source.current(), name, team);
    return { known: people !== null, people: people ?? [] };
  };
  const contacts: Ports['directory']['contacts'] = (person) =>
    source
      .current()
      .people.get(person)
      ?.contacts.some(({ kind }) => kind === 'terminal')
      ? ledger.ports.directory.contacts(person)
      : [];
  const ports: Ports = { ...ledger.ports, directory: { ...ledger.ports.directory, resolve, contacts } };
  const tokens = createTokenStore(tokenFileOf(home));
  const ana = await tokens.create({ name: 'laptop', person: 'ana', role: 'responder' });
  const machine = await tokens.create({ name: 'deploy-bot', person: null, role: 'responder' });

  const line = await startLine(Number(env.address.split(':')[1]));
  const { client, close } = connectClient(
    temporalSettings({ address: `127.0.0.1:${line.port}`, namespace: 'default' }, {}),
  );
  const server = await startWebhookServer({
    ...{ source, connection: client.connection, namespace: 'default', records: awayRecords(), secret: 'a secret' },
    ...{ home, host: '127.0.0.1', port: 0, adminToken: ADMIN, log },
  });
  let stop: (() => Promise<void>) | null = await startWorkers(env, bundle, ports, forgetful);
  /** Workflow ids that an answer has named. */
  const ids = new Set<string>();
  const settle = (): Promise<void> => settled(env, [...ids], ledger);

  async function ask(path: string, init: RequestInit): Promise<Answered> {
    const begunAt = performance.now();
    const answer = await fetch(server.url + path, init);
    const json = (await answer.json()) as Answered['json'];
    for (const id of namedIn(json)) ids.add(id);
    const ms = performance.now() - begunAt;
    if (stop !== null) await settle();
    return { status: answer.status, json, ms };
  }
  const authorization = (token: string) => ({ authorization: `Bearer ${token}` });

  const since = await env.currentTimeMs();
  try {
    await tell({
      post: (path, body, token = ana, key) =>
        ask(path, {
          method: 'POST',
          headers: {
            ...{ 'content-type': 'application/json', ...authorization(token) },
            ...(key === undefined ? {} : { 'idempotency-key': key }),
          },
          body: JSON.stringify(body),
        }),
      get: (path) => ask(path, { headers: authorization(ana) }),
      async cli(...argv) {
        const ran = await tocsin(argv, { env: { TOCSIN_URL: server.url, TOCSIN_TOKEN: ana }, cwd: home });
        await settle();
        return ran;
      },
      async pass(minutes) {
        await sleepSurely(env, minutes * 60_000);
        await settle();
      },
      settle,
      async reach(isThere) {
        if (!isThere) return line.cut();
        await line.mend();
        await until(async () => {
          const ready = await fetch(`${server.url}/readyz`);
          const { temporal, spooled } = (await ready.json()) as Answered['json'];
          return temporal === 'up' && spooled === 0;
        }, 20_000);
        await settle();
      },
      async stopWorkers() {
        await stop?.();
        stop = null;
      },
      async startWorkers() {
        stop = await startWorkers(env, bundle, ports, forgetful);
        await settle();
      },
      write,
      machine,
      ledger,
    });
    return ledger.lines(since);
  } finally {
    await server.drain();
    await close();
    for (const id of ids) await env.client.workflow.getHandle(id).terminate('the story is over').catch(ignored);
    await stop?.();
    await line.cut();
    rmSync(home, { recursive: true, force: true });
  }
}

/** The incidents that an answer is about. */
function namedIn({ workflowId, incidents }: Answered['json']): readonly string[] {
  const listed = Array.isArray(incidents) ? (incidents as { readonly workflowId: string }[]) : [];
  return [...(typeof workflowId === 'string' ? [workflowId] : []), ...listed.map((each) => each.workflowId)];
}

/** The way from the server to Temporal. */
async function startLine(to: number) {
  const pairs = new Map<number, Socket>();
  const relay = createServer((socket) => join(socket, to, pairs));
  const port = await listen(relay, 0);
  return {
    port,
    cut: () => shut(relay, pairs),
    mend: async () => void (await listen(relay, port)),
  };
}

const ignored = (): void => undefined;
