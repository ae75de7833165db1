/** What is measured against each other: how to start each, send it an alert and read its page. */
import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync, readFileSync, rmSync } from 'node:fs';
import { type AddressInfo, createServer } from 'node:net';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import type { BenchRequest } from './client.ts';
import { type Cpu, cpuOf, isAlive, isTemporal, type ProcessStat, processTree } from './process-stats.ts';
import type { ReadPage } from './stand-ins.ts';

/** Where one run of a peer lives. The same place again after a kill: state and ports survive. */
export interface PeerPaths {
  /** Empty at first; holds all state and `peer.log`. */
  readonly home: string;
  readonly port: number;
  readonly temporalPort: number;
  readonly temporalUiPort: number;
  readonly sinkPort: number;
  readonly slackPort: number;
  /** Postgres for the peer's records; unless given, its own. */
  readonly databaseUrl?: string;
}

interface Launch {
  readonly command: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}

export interface Peer {
  readonly name: string;
  /** Why it cannot run on this machine; null when it can. */
  unavailable(): string | null;
  /** Prepares `home` (idempotent) and says what to run. */
  launch(place: PeerPaths): Launch;
  /** Answers 200 when the peer takes alerts. */
  readonly readyPath: string;
  /** A GET that is answered with 200 when what starts behind the alerts has started as well; unless given, nothing does. */
  readonly settled?: Pick<BenchRequest, 'path' | 'headers'>;
  request(alert: string): BenchRequest;
  readonly readPage: ReadPage;
}

/** The labels of a benchmark alert: the same for every peer. */
export function benchLabels(alert: string): Readonly<Record<string, string>> {
  return { alertname: alert, severity: 'critical', service: alert, instance: 'host-1:9100', job: 'bench' };
}

/** Alertmanager's own webhook, version 4, with one firing alert that is a group of its own. */
export function alertmanagerWebhook(alert: string, labels = benchLabels(alert)): unknown {
  const annotations = { summary: `bench ${alert}` };
  return {
    version: '4',
    groupKey: `{}:{alertname="${alert}"}`,
    truncatedAlerts: 0,
    status: 'firing',
    receiver: 'tocsin',
    groupLabels: { alertname: alert },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: 'http://127.0.0.1:9093',
    alerts: [
      {
        status: 'firing',
        labels,
        annotations,
        startsAt: new Date().toISOString(),
        endsAt: '0001-01-01T00:00:00Z',
        generatorURL: 'http://127.0.0.1/g',
        fingerprint: Buffer.from(alert).toString('hex').slice(-16).padStart(16, '0'),
      },
    ],
  };
}

export type Victims = 'group' | 'everything';

export interface Running {
  /** From spawn to ready, ms. */
  readonly readyMs: number;
  cpu(): Cpu;
  /** SIGTERM, then after 35 s SIGKILL to what is left. */
  stop(): Promise<void>;
  /** SIGKILL to the process group, or to every descendant as well (a Temporal server in a group of its own). */
  kill(what: Victims): Promise<void>;
  /** SIGSTOP to its Temporal server: it takes connections and answers nothing. Gives back what lets it go on. */
  freezeTemporal(): () => void;
}

/** Long, since a first start may have to build the Temporal server. */
const READY_WITHIN_MS = 600_000;
const SETTLED_WITHIN_MS = 120_000;
const STOP_WITHIN_MS = 35_000;

/** Leader of each running group → where it keeps its state. */
const groups = new Map<number, string>();
/** Seen below a peer that has ended since: some may still run. One peer runs at a time. */
const strays: ProcessStat[] = [];

/** Peers run in groups of their own, so Ctrl-C does not reach them: this takes them and their state along. */
export function endPeersOnInterrupt(): void {
  for (const name of ['SIGINT', 'SIGTERM'] as const) {
    process.once(name, () => {
      for (const [pid, home] of groups) {
        killAll(pid);
        rmSync(home, { recursive: true, force: true, maxRetries: 5, retryDelay: 200 });
      }
      process.exit(130);
    });
  }
}

/**
 * Starts a peer in a process group of its own; what was started is ended by group and by pid, never by name. Throws,
 * with the end of the peer's log, when it exits or is not ready in time.
 */
export async function startPeer(peer: Peer, place: PeerPaths): Promise<Running> {
  const begun = performance.now();
  const child = spawnGroup(peer.launch(place), place.home);
  const pid = child.pid ?? 0;
  const exited = new Promise<void>((done) => child.once('exit', () => done()));
  groups.set(pid, place.home);
  try {
    await untilReady(peer, place, child);
  } catch (error) {
    killAll(pid);
    throw error;
  }
  return {
    readyMs: Math.round(performance.now() - begun),
    cpu: () => cpuOf(pid),
    stop: async () => {
      strays.push(...processTree(pid));
      child.kill('SIGTERM');
      await Promise.race([exited, sleep(STOP_WITHIN_MS, undefined, { ref: false })]);
      killAll(pid);
      await exited;
    },
    kill: async (what) => {
      strays.push(...processTree(pid));
      if (what === 'everything') killAll(pid);
      else killGroup(pid);
      await exited;
    },
    freezeTemporal: () => {
      const frozen = processTree(pid).filter(isTemporal);
      if (frozen.length === 0) throw new Error('there is no Temporal server below the peer');
      for (const stat of frozen) signal(stat.pid, 'SIGSTOP');
      return () => frozen.filter(isAlive).forEach((stat) => signal(stat.pid, 'SIGCONT'));
    },
  };
}

/** Resolves when what starts behind the alerts has started too. Throws, with the end of the log, when it does not. */
export async function untilSettled({ name, settled }: Peer, { port, home }: PeerPaths): Promise<void> {
  if (settled === undefined) return;
  const giveUpAt = performance.now() + SETTLED_WITHIN_MS;
  while (!(await answersOk(`http://127.0.0.1:${port}${settled.path}`, settled.headers))) {
    if (performance.now() > giveUpAt) throw new Error(`${name} did not settle\n${endOfLog(home)}`);
    await sleep(100);
  }
}

/** The group, whatever descends from its leader, and what an earlier `kill` left over. */
function killAll(pid: number): void {
  strays.push(...processTree(pid));
  killGroup(pid);
  for (const stat of strays.splice(0)) {
    if (isAlive(stat)) signal(stat.pid);
  }
}

/** Ports that were free a moment ago, all different. */
export async function freePorts(count: number): Promise<number[]> {
  const servers = await Promise.all(
    Array.from(
      { length: count },
      () =>
        new Promise<ReturnType<typeof createServer>>((listening) => {
          const server = createServer().listen(0, '127.0.0.1', () => listening(server));
        }),
    ),
  );
  const ports = servers.map((server) => (server.address() as AddressInfo).port);
  await Promise.all(servers.map((server) => new Promise((closed) => server.close(closed))));
  return ports;
}

function spawnGroup({ command, args, env }: Launch, home: string): ChildProcess {
  const log = openSync(path.join(home, 'peer.log'), 'a');
  const child = spawn(command, args, { detached: true, stdio: ['ignore', log, log], env: { ...cleanEnv(), ...env } });
  closeSync(log);
  child.on('error', () => {}); // shows as an exit before ready
  return child;
}

/** Ours without what would point a peer at somebody's real Temporal, database or state. */
function cleanEnv(): NodeJS.ProcessEnv {
  const foreign = (name: string) =>
    /^(TOCSIN_|TEMPORAL_|DATABASE_URL$|HOST$)/.test(name) && name !== 'TEMPORAL_CLI_PATH';
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !foreign(name)));
}

async function untilReady(peer: Peer, { port, home }: PeerPaths, child: ChildProcess): Promise<void> {
  const giveUpAt = performance.now() + READY_WITHIN_MS;
  for (;;) {
    if (await answersOk(`http://127.0.0.1:${port}${peer.readyPath}`)) return;
    const dead = child.pid === undefined || child.exitCode !== null || child.signalCode !== null;
    if (dead || performance.now() > giveUpAt) {
      throw new Error(`${peer.name} ${dead ? 'ended before it was' : 'did not get'} ready\n${endOfLog(home)}`);
    }
    await sleep(25);
  }
}

async function answersOk(url: string, headers: Readonly<Record<string, string>> = {}): Promise<boolean> {
  try {
    const response = await fetch(url, { headers, signal: AbortSignal.timeout(2000) });
    await response.arrayBuffer();
    return response.status === 200;
  } catch {
    return false;
  }
}

function endOfLog(home: string): string {
  return readFileSync(path.join(home, 'peer.log'), 'utf8').split('\n').slice(-30).join('\n');
}

/** `pid` led the group when it was spawned; the group outlives it while a member runs. */
function killGroup(pid: number): void {
  if (pid > 1) signal(-pid);
  groups.delete(pid);
}

function signal(target: number, name: NodeJS.Signals = 'SIGKILL'): void {
  try {
    process.kill(target, name);
  } catch {
    // Gone already.
  }
}
