/** Two servers, two workers, one Temporal and one Postgres, as real processes that are killed by their ids. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import { startPostgres } from '../support/postgres.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin, type RunningProcess } from '../support/tocsin-processes.ts';
import { startPageSink, type PageSink } from '../support/page-sink.ts';
import { startTestTemporal } from '../support/test-temporal.ts';
import type { Fault, Victim } from './faults.ts';

export interface Cluster {
  /** Of the servers. */
  readonly urls: readonly string[];
  readonly sink: PageSink;
  /** `host:port` of Temporal. */
  readonly temporal: string;
  /** Resolves when the victims are back. */
  inflict(fault: Fault): Promise<void>;
  /** What a process has said so far. */
  output(victim: Victim): string;
  stop(): Promise<void>;
}

const PEOPLE = ['ana', 'bo', 'eve'];

export async function startCluster(): Promise<Cluster> {
  const home = mkdtempSync(join(tmpdir(), 'tocsin-nemesis-'));
  const [sink, temporal, postgres] = await Promise.all([startPageSink(PEOPLE), startTestTemporal(), startPostgres()]);
  const urls = (await choosePorts(2)).map((port) => `http://127.0.0.1:${port}`);
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, configuration(sink.url, urls[0] ?? ''));
  const common = {
    ...SYSTEM_TEST_SECRETS,
    TEMPORAL_ADDRESS: temporal.address,
    DATABASE_URL: await postgres.database(),
    TOCSIN_CONFIG: config,
  };
  const begin = (victim: Exclude<Victim, 'temporal'>): Promise<RunningProcess> => {
    const [kind = '', n = ''] = victim.split('-');
    const url = urls[Number(n)] ?? '';
    const processEnv = { TOCSIN_HOME: join(home, victim), ...(kind === 'server' ? { PORT: new URL(url).port } : {}) };
    const ready = kind === 'server' ? () => isAlive(url) : () => Promise.resolve(true);
    return startTocsin({ args: [kind], env: { ...common, ...processEnv }, ready });
  };
  const processes = new Map<Victim, RunningProcess>();
  const outputBeforeKill = new Map<Victim, string>();
  for (const victim of ['server-0', 'server-1', 'worker-0', 'worker-1'] as const) {
    processes.set(victim, await begin(victim));
  }

  const kill = async (victim: Victim): Promise<void> => {
    if (victim === 'temporal') return temporal.kill();
    const process = processes.get(victim);
    await process?.kill();
    outputBeforeKill.set(victim, `${outputBeforeKill.get(victim) ?? ''}${process?.output() ?? ''}\n--- killed ---\n`);
  };
  const start = async (victim: Victim): Promise<void> => {
    if (victim === 'temporal') await temporal.restart();
    else processes.set(victim, await begin(victim));
  };
  const pidOf = (victim: Victim): number =>
    victim === 'temporal' ? temporal.pid() : (processes.get(victim)?.pid ?? 0);

  return {
    urls,
    sink,
    temporal: temporal.address,
    async inflict({ victims, act, forMs }) {
      if (act === 'kill') await Promise.all(victims.map(kill));
      else for (const victim of victims) signal(pidOf(victim), 'SIGSTOP');
      await new Promise((resolve) => setTimeout(resolve, forMs));
      if (act === 'kill') await Promise.all(victims.map(start));
      else for (const victim of victims) signal(pidOf(victim), 'SIGCONT');
    },
    output: (victim) => `${outputBeforeKill.get(victim) ?? ''}${processes.get(victim)?.output() ?? ''}`,
    async stop() {
      await Promise.all([...processes.values()].map((process) => process.kill()));
      await Promise.all([temporal.stop(), postgres.stop(), sink.close()]);
      rmSync(home, { recursive: true, force: true });
    },
  };
}

/** It may serve while Temporal is away. */
const isAlive = (url: string): Promise<boolean> => isOk(`${url}/healthz`);

function signal(pid: number, name: NodeJS.Signals): void {
  if (pid > 1) process.kill(pid, name);
}

/** Escalation in seconds; SEV1 to SEV3 by label, over three teams, so that no team's storm hides everything. */
function configuration(sink: string, publicUrl: string): string {
  const teams = ['red', 'green', 'blue'].map(
    (team) => `  ${team}: { onCall: ana, escalation: [onCall, bo, eve], leadership: [eve] }`,
  );
  const people = PEOPLE.map((id) => `  ${id}: { name: ${id}, contact: [{ webhook: "${sink}/${id}" }] }`);
  return `
organization: Nemesis
publicUrl: ${publicUrl}
people:
${people.join('\n')}
teams:
${teams.join('\n')}
sources:
  alertmanager: { token: "\${AM_TOKEN}" }
routes:
  - { match: { team: red }, team: red }
  - { match: { team: green }, team: green }
  - team: blue
severities:
  SEV1: { acknowledgeWithin: 20s, escalateEvery: 20s, notificationRules: { allAtOnce: true, stepEvery: 10s, repeatEvery: 10s } }
  SEV2: { acknowledgeWithin: 30s, escalateEvery: 30s, notificationRules: { stepEvery: 10s, repeatEvery: 15s } }
`;
}
