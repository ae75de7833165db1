/** What `up` prints once everything runs: where things are, and two commands to try. */
import type { Config } from '../config/config.ts';
import type { Environment } from '../config/environment.ts';
import type { ProjectionBatch } from '../domain/engine/projection.ts';
import type { Records } from '../records/records.ts';
import { printable } from '../runtime/log.ts';
import type { Secrets } from './state-directory.ts';

export interface RunningInstance {
  readonly url: string;
  /** Null when Temporal is not ours. */
  readonly temporalUi: string | null;
  readonly temporalAddress: string;
  readonly config: Config;
  readonly environment: Environment;
  readonly secrets: Secrets;
  /** Where the log goes; the terminal shows what people need. */
  readonly logFile: string;
  /** False: the database is still starting. */
  readonly recordsReady: boolean;
}

export const RECORDS_READY = 'Records are ready: incident numbers, history, reports and the status page.\n\n';

export function banner(running: RunningInstance): string {
  return [
    'Tocsin is running.',
    '',
    ...facts(running),
    '',
    ...stillStarting(running),
    'Declare a first incident:',
    declareCommand(running),
    '',
    ...alertmanagerExample(running),
    'Stop with Ctrl-C; incidents go on at the next start.',
    '',
  ].join('\n');
}

function facts({ url, temporalUi, temporalAddress, config, environment, secrets, logFile }: RunningInstance): string[] {
  const token = environment.adminToken === null ? secrets.adminToken : 'the one in TOCSIN_ADMIN_TOKEN';
  const rows: [string, string][] = [
    ['API', url],
    ['Temporal', temporalAddress],
    ...(temporalUi === null ? [] : [['Temporal UI', temporalUi] satisfies [string, string]]),
    ['Admin token', token],
    ['Configuration', config.file ?? 'none: the sample organization (your own goes into tocsin.yaml)'],
    ['State', environment.home],
    ['Log', logFile],
  ];
  return rows.map(([name, value]) => `  ${name.padEnd(14)} ${value}`);
}

function stillStarting({ recordsReady }: RunningInstance): string[] {
  if (recordsReady) return [];
  return [
    'Alerts, pages, declaring, acknowledging and listing work now. Still starting: the records',
    '(incident numbers, history, reports, the status page). They follow in a few seconds.',
    '',
  ];
}

function declareCommand(running: RunningInstance): string {
  const token = running.environment.adminToken === null ? running.secrets.adminToken : '$TOCSIN_ADMIN_TOKEN';
  return curl(`${running.url}/api/v1/incidents`, token, { title: 'Checkout is slow', severity: 'SEV2' });
}

function alertmanagerExample({ url, config, secrets }: RunningInstance): string[] {
  const source = config.sources.get('alertmanager');
  if (source === undefined) return [];
  // A token of the person's own configuration is theirs to show.
  const token = source.token === secrets.sourceToken ? source.token : '<the token of sources.alertmanager>';
  return ['Send what Alertmanager would send:', curl(`${url}/webhooks/alertmanager`, token, sampleNotification()), ''];
}

function curl(url: string, token: string, body: object): string {
  return [
    `  curl -sS ${url} -H "Authorization: Bearer ${token}" \\`,
    `    -H 'Content-Type: application/json' -d '${JSON.stringify(body)}'`,
  ].join('\n');
}

function sampleNotification(): object {
  const labels = { alertname: 'HighErrorRate', severity: 'critical', service: 'checkout' };
  const annotations = { summary: 'Half of the checkouts fail' };
  return {
    version: '4',
    groupKey: '{}:{alertname="HighErrorRate"}',
    status: 'firing',
    receiver: 'tocsin',
    groupLabels: { alertname: labels.alertname },
    commonLabels: labels,
    commonAnnotations: annotations,
    externalURL: 'http://127.0.0.1:9093',
    alerts: [{ status: 'firing', labels, annotations, startsAt: new Date().toISOString() }],
  };
}

/** Line → the first release of it that is safe. */
const SAFE = new Map([
  [22, [23, 4]],
  [24, [22, 1]],
  [26, [12, 1]],
]);
const NEWEST_KNOWN_LINE = 26;

/** A sentence when this Node.js should not listen beyond the machine; else null. */
export function nodeWarning(version: string): string | null {
  const [line = 0, minor = 0, patch = 0] = version.split('.').map(Number);
  if (line > NEWEST_KNOWN_LINE) return null;
  const [safeMinor = Infinity, safePatch = 0] = SAFE.get(line) ?? [];
  if (minor > safeMinor || (minor === safeMinor && patch >= safePatch)) return null;
  return `Node.js ${version} gets no security fixes: use 22.23.4, 24.22.1 or newer before others can reach this port`;
}

type Print = (text: string) => void;

/** Incidents that are remembered, so that a batch written again is not shown again. */
const REMEMBERED = 500;

interface Shown {
  seq: number;
  due: string;
  name: string;
}

/** The same records; whatever is written to them is shown first. */
export function printTimelineOn(print: Print, records: Records, config: () => Pick<Config, 'timeZone'>): Records {
  const known = new Map<string, Shown>();
  return {
    ...records,
    async project(batch) {
      const printedSoFar = known.get(batch.incidentId) ?? { seq: 0, due: '', name: '' };
      known.set(batch.incidentId, printedSoFar);
      if (known.size > REMEMBERED) known.delete(known.keys().next().value ?? '');
      const lines = linesOf(batch, printedSoFar, config().timeZone);
      if (lines.length > 0) print(`${lines.join('\n')}\n`);
      const numbered = await records.project(batch);
      if (numbered.reference !== null) printedSoFar.name = numbered.reference;
      return numbered;
    },
  };
}

function linesOf(batch: ProjectionBatch, printedSoFar: Shown, timeZone: string): string[] {
  const { projection } = batch;
  const newEntries = batch.entries.filter(({ seq }) => seq > printedSoFar.seq);
  if (projection !== null && printedSoFar.name === '') printedSoFar.name = `"${projection.title}"`;
  const lines = newEntries.map(
    ({ at, text }) => `${clock(at, timeZone)}  ${printedSoFar.name || batch.workflowId}  ${text}`,
  );
  printedSoFar.seq = newEntries.at(-1)?.seq ?? printedSoFar.seq;
  if (projection === null) return lines.map(printable);
  const [next] = projection.deadlines;
  const due = next === undefined ? '' : `next: ${next.text} at ${clock(Date.parse(next.at), timeZone)}`;
  if (due !== '' && due !== printedSoFar.due) lines.push(`${' '.repeat(10)}${due}`);
  printedSoFar.due = due;
  return lines.map(printable);
}

function clock(at: number, timeZone: string): string {
  return new Date(at).toLocaleTimeString('en-GB', { timeZone });
}
