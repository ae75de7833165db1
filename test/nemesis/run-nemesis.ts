/** The nemesis: load and faults side by side, then healing, then the checks. */
import { setTimeout as sleep } from 'node:timers/promises';
import { checkInvariants, type Findings, type InvariantResult } from './invariants.ts';
import { startCluster, type Cluster } from './cluster.ts';
import { planFaults, VICTIMS, type Fault } from './faults.ts';
import { allTimelines, deliveredAlerts, untilDrained } from './findings.ts';
import { newJournal, type Journal } from './journal.ts';
import { runSender } from './load.ts';
import { readNemesisOptions, USAGE, type NemesisOptions } from './options.ts';
import { createRandom } from './seeded-random.ts';

/** Progress goes to standard error, the result to standard output. */
const say = (line: string): void => void process.stderr.write(`${line}\n`);
const print = (line: string): void => void process.stdout.write(`${line}\n`);

/** After the last line was written, the records may be this far behind. */
const RECORDED_WITHIN_MS = 90_000;
const SHOWN = 10;

try {
  const options = readNemesisOptions(process.argv.slice(2));
  if (options === 'help') print(USAGE);
  else process.exit(await runNemesis(options));
} catch (error) {
  say(error instanceof Error ? (error.stack ?? error.message) : String(error));
  process.exit(1);
}

async function runNemesis(options: NemesisOptions): Promise<number> {
  const { seed, lastsMs, senders } = options;
  say(`seed ${seed}: ${senders} senders, ${Math.round(lastsMs / 1000)} s of faults`);
  const cluster = await startCluster();
  try {
    const journal = newJournal();
    const faults = planFaults(createRandom(seed, 'faults'), lastsMs);
    const endsAt = performance.now() + lastsMs;
    const load = Array.from({ length: senders }, (_, i) =>
      runSender(`s${i}`, createRandom(seed, `sender ${i}`), { urls: cluster.urls, journal, endsAt }),
    );
    await Promise.all([inflictAll(cluster, faults), ...load]);
    say('healed: waiting until everything that was promised has arrived');
    const findings = await findingsOf(cluster, journal);
    const invariants = checkInvariants(journal, findings);
    report(options, { faults, journal, findings, invariants });
    const kept = invariants.every(({ violations }) => violations.length === 0);
    if (!kept) printProcessOutput(cluster);
    return kept ? 0 : 1;
  } catch (error) {
    printProcessOutput(cluster);
    throw error;
  } finally {
    await cluster.stop();
  }
}

function printProcessOutput(cluster: Cluster): void {
  for (const victim of VICTIMS) say(`\n== ${victim}\n${cluster.output(victim).slice(-3_000)}`);
}

async function inflictAll(cluster: Cluster, faults: readonly Fault[]): Promise<void> {
  const begunAt = performance.now();
  for (const fault of faults) {
    await sleep(Math.max(0, begunAt + fault.at - performance.now()));
    say(`${(fault.at / 1000).toFixed(1).padStart(6)} s  ${describe(fault)}`);
    await cluster.inflict(fault);
  }
}

function describe({ act, victims, forMs }: Fault): string {
  return `${act} ${victims.join(', ')} for ${(forMs / 1000).toFixed(1)} s`;
}

/** What is behind gets the time to catch up; what is not there then is lost. */
async function findingsOf({ urls, temporal, sink }: Cluster, journal: Journal): Promise<Findings> {
  await untilDrained(urls);
  const giveUpAt = Date.now() + RECORDED_WITHIN_MS;
  for (;;) {
    const found = {
      delivered: await deliveredAlerts(temporal),
      timelines: await allTimelines(urls[0] ?? ''),
      pages: sink.received.map(({ page }) => page),
      unexpected: sink.unexpected,
    };
    const whole = checkInvariants(journal, found).every(({ violations }) => violations.length === 0);
    if (whole || Date.now() > giveUpAt) return found;
    await sleep(3_000);
  }
}

interface NemesisOutcome {
  readonly faults: readonly Fault[];
  readonly journal: Journal;
  readonly findings: Findings;
  readonly invariants: readonly InvariantResult[];
}

function report({ seed, json }: NemesisOptions, { faults, journal, findings, invariants }: NemesisOutcome): void {
  const { accepted, commands, answers } = journal;
  const pages = findings.pages.filter(({ kind }) => kind === 'page');
  const counts = {
    seed,
    faults: faults.length,
    alertsAccepted: accepted.length,
    answers: Object.fromEntries(answers),
    commands: commands.length,
    commandAnswers: tally(commands.map(({ status }) => String(status))),
    incidents: findings.timelines.length,
    pages: pages.length,
    fallback: pages.filter(({ reason }) => reason === 'fallback').length,
    storms: pages.filter(({ incidents }) => incidents !== undefined).length,
  };
  if (json) {
    print(JSON.stringify({ ...counts, plan: faults, promises: invariants }, null, 2));
    return;
  }
  print(
    Object.entries(counts)
      .map(([name, value]) => `${name}: ${JSON.stringify(value)}`)
      .join('\n'),
  );
  for (const { what, violations } of invariants) {
    print(
      `${violations.length === 0 ? 'kept  ' : 'BROKEN'}  ${what}${violations.length === 0 ? '' : ` (${violations.length})`}`,
    );
    for (const line of violations.slice(0, SHOWN)) print(`          ${line}`);
  }
}

function tally(words: readonly string[]): Record<string, number> {
  const counts: Record<string, number> = {};
  for (const word of words) counts[word] = (counts[word] ?? 0) + 1;
  return counts;
}
