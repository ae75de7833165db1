/** The benchmark: measures the peers that can run here and prints a line a round, the table and the verdicts. */
import { cpus, loadavg, release } from 'node:os';
import { describeKill, describeRound, renderTable, tabulate, verdicts } from './table.ts';
import { measureKill, type KillResult } from './kill.ts';
import { readOptions, USAGE, type Options } from './options.ts';
import type { Peer } from './peer.ts';
import { alertmanager } from './peers/alertmanager.ts';
import { floor } from './peers/floor.ts';
import { tocsin } from './peers/tocsin.ts';
import { endPeersOnInterrupt } from './process.ts';
import { runRounds, type Measured } from './rounds.ts';

const PEERS: readonly Peer[] = [tocsin, floor, alertmanager];

/** Progress goes to standard error, results to standard output. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (text: string): void => void process.stdout.write(`${text}\n`);

try {
  const options = readOptions(process.argv.slice(2));
  if (options === 'help') print(USAGE);
  else await bench(options);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exitCode = 1;
}

async function bench(options: Options): Promise<void> {
  const peers = choosePeers(options);
  endPeersOnInterrupt();
  const load = loadavg()[0] ?? 0;
  say(
    `${cpus().length} processors, Node ${process.version}, ${process.platform} ${release()}, load ${load.toFixed(1)}`,
  );
  if (load > 0.5) say('the machine is busy: read the ratios, not the times');

  const results: Measured[] = [];
  if (options.mode !== 'kill') results.push(...(await runRounds(peers, options, (m) => say(describeRound(m)))));
  const kills = options.mode === 'kill' || options.mode === 'all' ? await killAll(peers, options) : [];
  const rows = tabulate(results);

  if (options.json) print(JSON.stringify({ at: new Date().toISOString(), options, results, kills, rows }, null, 2));
  else if (results.some(({ latency, storm }) => latency ?? storm)) print(`\n${renderTable(rows)}\n`);
  verdicts(rows).forEach(({ text }) => say(text));
  if (kills.some(({ kept }) => !kept)) process.exitCode = 1;
}

function choosePeers({ only }: Options): Peer[] {
  const unknown = only.filter((name) => !PEERS.some((peer) => peer.name === name));
  if (unknown.length > 0) throw new Error(`no peer named ${unknown.join(', ')}`);
  const wanted = PEERS.filter(({ name }) => only.length === 0 || only.includes(name));
  return wanted.filter((peer) => {
    const reason = peer.unavailable();
    if (reason !== null) say(`without ${peer.name}: ${reason}`);
    return reason === null;
  });
}

/** Alertmanager is left out: it keeps alerts in memory and does not claim to survive this. */
async function killAll(peers: readonly Peer[], options: Options): Promise<KillResult[]> {
  const kills: KillResult[] = [];
  for (const peer of peers.filter(({ name }) => name !== alertmanager.name)) {
    for (const victims of ['group', 'everything'] as const) {
      const kill = await measureKill(peer, victims, options);
      say(describeKill(kill));
      kills.push(kill);
    }
  }
  return kills;
}
