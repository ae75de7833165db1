/**
 * The timeline as people read it: a run of pages, or of alerts that come and go, is told as one entry; what people
 * decided and said stays as it is. Entries say by their fields what they are about, so no text is ever read. Pure.
 */
import type { DeliveryState } from './incident.ts';
import type { EventType } from './events.ts';
import { TOCSIN } from './events.ts';
import type { Text, TextPart } from './text.ts';
import { joinFirst } from './text.ts';

/** What the fold needs of an entry. `at` in epoch ms or RFC 3339. */
export interface FoldableEntry {
  readonly at: number | string;
  readonly kind: string;
  readonly by: string | null;
  readonly text: string;
  readonly parts?: Text;
  readonly pages?: readonly { readonly to: string; readonly name?: string; readonly state: DeliveryState }[];
  readonly alerts?: readonly { readonly fingerprint: string; readonly name: string }[];
}

/** One entry, or a run of them in order; `text` tells it. */
export interface FoldedEntry<Entry> {
  readonly entries: readonly [Entry, ...Entry[]];
  readonly text: Text;
}

/** Entries of these kinds fold together under one name. */
const GROUPS: Readonly<Partial<Record<EventType, string>>> = {
  paged: 'pages',
  'fallback-paged': 'pages',
  'alerts-fired': 'alerts',
  'alert-changed': 'alerts',
  'alerts-cleared': 'alerts',
  recurred: 'coming-and-going',
  'monitoring-started': 'coming-and-going',
};

/** Of these each kind folds by itself. */
const REPEATED: readonly EventType[] = [
  'page-failed',
  'level-unreachable',
  'escalation-exhausted',
  'alerts-suppressed',
  'alerts-stale',
  'late-copies-noted',
  'late-copies-unverified',
  'alerts-left-out',
  'left-out-questioned',
  'groups-joined',
  'ticket-reminded',
  'inactivity-nudged',
  'inactivity-paged',
  'inactivity-escalated',
  'update-reminded',
  'update-missed',
  'confirmation-requested',
  'notification-failed',
  'follow-ups-reviewed',
];

/** The name of an entry's run. What has none, or was done by a person, never folds and ends every run. */
const RUN_OF: ReadonlyMap<string, string> = new Map([
  ...Object.entries(GROUPS),
  ...REPEATED.map((kind) => [kind, kind] as const),
]);

/** Nothing is lost, and each run stands where its first entry stood. */
export function foldTimeline<Entry extends FoldableEntry>(timeline: readonly Entry[]): readonly FoldedEntry<Entry>[] {
  const runs: [Entry, ...Entry[]][] = [];
  const growing = new Map<string, [Entry, ...Entry[]]>();
  for (const entry of timeline) {
    const name = isByPerson(entry) ? undefined : RUN_OF.get(entry.kind);
    const run = name === undefined ? undefined : growing.get(name);
    if (run !== undefined) {
      run.push(entry);
      continue;
    }
    const started: [Entry, ...Entry[]] = [entry];
    runs.push(started);
    if (name === undefined) growing.clear();
    else growing.set(name, started);
  }
  return runs.map((entries) => ({ entries, text: textOf(entries) }));
}

/** True for what a person decided, did or said; a refused command did nothing. */
export function isByPerson({ kind, by }: Pick<FoldableEntry, 'kind' | 'by'>): boolean {
  return by !== null && by !== TOCSIN && kind !== 'command-refused' && kind !== 'merge-refused';
}

const TURNING_POINTS: ReadonlySet<string> = new Set<EventType>([
  'declared',
  'acknowledged',
  'declined',
  'escalated',
  'escalation-exhausted',
  'call-unanswered',
  'severity-changed',
  'impact-assessed',
  'cause-identified',
  'public-communication-started',
  'mitigation-decided',
  'mitigation-reported',
  'monitoring-started',
  'resolve-confirmed',
  'recurred',
  'reopened',
  'resolved',
  'false-alarm-declared',
  'merged',
  'incident-merged-in',
  'closed',
]);

/** True for what a short account of the incident must tell. */
export const isTurningPoint = ({ kind }: Pick<FoldableEntry, 'kind'>): boolean => TURNING_POINTS.has(kind);

function textOf(entries: readonly [FoldableEntry, ...FoldableEntry[]]): Text {
  const [first] = entries;
  const last = entries.at(-1) ?? first;
  if (entries.length === 1) return wordsOf(first);
  const span = spanOf(epochMs(first.at), epochMs(last.at));
  const told = runText(entries);
  if (told !== null) return [...told, ', ', ...span];
  const isSame = entries.every(({ text }) => text === first.text);
  if (isSame) return [...wordsOf(first), ` (${entries.length} times, `, ...span, ')'];
  return [...wordsOf(last), ` (the last of ${entries.length} such entries, `, ...span, ')'];
}

/** What a run comes to; null where its entries must speak for themselves. */
function runText(entries: readonly [FoldableEntry, ...FoldableEntry[]]): Text | null {
  switch (RUN_OF.get(entries[0].kind)) {
    case 'pages':
      return pagesText(entries);
    case 'alerts':
      return alertsText(entries);
    case 'coming-and-going':
      return countsText('It', entries, { recurred: 'came back', 'monitoring-started': 'cleared' });
    default:
      return null;
  }
}

/** Times are shown to the minute. */
function spanOf(from: number, to: number): Text {
  const isOneMinute = Math.floor(from / 60_000) === Math.floor(to / 60_000);
  return isOneMinute ? [{ at: from }] : [{ at: from }, '–', { at: to }];
}

const wordsOf = ({ parts, text }: FoldableEntry): Text => parts ?? [text];

const epochMs = (at: number | string): number => (typeof at === 'number' ? at : Date.parse(at));

const NAMES_SHOWN = 5;

/** "Paged Ana, Bo"; "Paged 5 people 14 times: Ana, Bo …; 2 pages FAILED (Eve)"; null when no page of the run has arrived or failed. */
function pagesText(entries: readonly FoldableEntry[]): Text | null {
  const pages = entries.flatMap((entry) => entry.pages ?? []);
  const accepted = pages.filter(({ state }) => state === 'accepted');
  const failed = pages.filter(({ state }) => state === 'failed');
  const people = namesIn(accepted);
  const often = people.length === accepted.length ? '' : ` ${times(accepted.length)}`;
  const paged: Text =
    people.length <= 2
      ? ['Paged ', ...listed(people), often]
      : [`Paged ${people.length} people${often}: `, ...listed(people)];
  const failures: Text = [
    `${failed.length} ${failed.length === 1 ? 'page' : 'pages'} FAILED (`,
    ...listed(namesIn(failed)),
    ')',
  ];
  if (accepted.length === 0) return failed.length === 0 ? null : failures;
  return failed.length === 0 ? paged : [...paged, '; ', ...failures];
}

function namesIn(pages: NonNullable<FoldableEntry['pages']>): readonly TextPart[] {
  const names = new Map(pages.map(({ to, name }) => [to, name ?? { person: to }] as const));
  return [...names.values()];
}

/** "Ana, Bo and 3 more". */
function listed(names: readonly TextPart[]): Text {
  const shown = names.slice(0, NAMES_SHOWN).flatMap((name, i) => (i === 0 ? [name] : [', ', name]));
  return names.length > NAMES_SHOWN ? [...shown, ` and ${names.length - NAMES_SHOWN} more`] : shown;
}

/** "Alerts fired 6 times, cleared 5 times: PostgresqlDown ledger and 3 more". */
function alertsText(entries: readonly FoldableEntry[]): Text {
  const words = { 'alerts-fired': 'fired', 'alert-changed': 'changed', 'alerts-cleared': 'cleared' };
  const told = countsText('Alerts', entries, words);
  const names = new Map(
    entries.flatMap(({ alerts = [] }) => alerts.map(({ fingerprint, name }) => [fingerprint, name])),
  );
  return names.size === 0 ? told : [...told, `: ${joinFirst([...names.values()], NAMES_SHOWN)}`];
}

/** How often each of `words`, in the order in which they came first. */
function countsText(
  subject: string,
  entries: readonly FoldableEntry[],
  words: Readonly<Partial<Record<EventType, string>>>,
): Text {
  const counts = new Map<string, number>();
  for (const { kind } of entries) counts.set(kind, (counts.get(kind) ?? 0) + 1);
  const told = [...counts].map(([kind, n]) => `${words[kind as EventType] ?? kind} ${times(n)}`);
  return [`${subject} ${told.join(', ')}`];
}

const times = (n: number): string => (n === 1 ? 'once' : n === 2 ? 'twice' : `${n} times`);
