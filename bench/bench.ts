/** The benchmark: measures the peers that can run here and prints a line a round, the tables and the targets. */
import { cpus, loadavg, release } from 'node:os';
import { runIntake } from './intake.ts';
import { renderIntake } from './intake-table.ts';
import { measureKill, type KillResult, runRounds } from './rounds.ts';
import { readOptions, USAGE, type Mode, type Options } from './options.ts';
import { type Peer, endPeersOnInterrupt } from './peer.ts';
import { alertmanager, floor, tocsin } from './peers.ts';
import { benchRecords, describeRecords } from './records.ts';
import { describeKill, describeRound, renderTable, setupOf, tabulate, renderVerdicts, verdicts } from './table.ts';
import { describeHangingChat, renderHangingChat, runHangingChat } from './hanging-chat.ts';

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
  const own = tocsin(options);
  const peers = choosePeers([own, floor, alertmanager], options);
  endPeersOnInterrupt();
  sayWhere();
  const wants = (...modes: readonly Mode[]) => options.mode === 'all' || modes.includes(options.mode);

  const rates = wants('rates', 'latency', 'storm', 'ingest');
  const results = rates ? await runRounds(peers, options, (m) => say(describeRound(m))) : [];
  const kills = wants('kill') ? await killAll(peers, options) : [];
  const hangingChat = wants('hanging-chat')
    ? await runHangingChat(own, options, (m) => say(describeHangingChat(m)))
    : [];
  const intake = wants('intake') ? await runIntake(options, say) : [];
  const records = wants('records') ? await benchRecords(own, options, (m) => say(describeRecords(m))) : [];

  const rows = tabulate(results);
  const targets = verdicts({ rows, hangingChat, records, intake });
  if (options.json) {
    const at = new Date().toISOString();
    print(JSON.stringify({ at, options, results, kills, rows, hangingChat, records, intake, targets }, null, 2));
  } else {
    const compared = results.some(({ latency, storm }) => latency ?? storm);
    if (compared) print(`\n${setupOf(options)}\n\n${renderTable(rows)}`);
    if (hangingChat.length > 0) print(`\n${renderHangingChat(hangingChat)}`);
    if (intake.length > 0) print(`\n${renderIntake(intake)}`);
    if (targets.length > 0) print(`\n${renderVerdicts(targets)}`);
  }
  if (kills.some(({ kept }) => !kept)) process.exitCode = 1;
}

function sayWhere(): void {
  const load = loadavg()[0] ?? 0;
  say(
    `${cpus().length} processors, Node ${process.version}, ${process.platform} ${release()}, load ${load.toFixed(1)}`,
  );
  if (load > 0.5) say('the machine is busy: read the ratios, not the times');
}

function choosePeers(all: readonly Peer[], { only }: Options): Peer[] {
  const unknown = only.filter((name) => !all.some((peer) => peer.name === name));
  if (unknown.length > 0) throw new Error(`no peer named ${unknown.join(', ')}`);
  const wanted = all.filter(({ name }) => only.length === 0 || only.includes(name));
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
