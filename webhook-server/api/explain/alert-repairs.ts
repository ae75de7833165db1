/** What had to be made of an alert before it could be used: what was sent beside what was read. Pure. */
import { parseRfc3339 } from '../../ingest/sources/alert-time.ts';
import type { RawAlert } from '../../ingest/sources/message.ts';

/** Enough to see what is wrong with a template. */
const LISTED = 10;

/** One line for each thing that was repaired, guessed or left out; `sent` is the alert as it stood in the body. */
export function repairsOf(sent: unknown, alert: RawAlert): readonly string[] {
  const given = objectOf(sent);
  return [
    ...timeRepairs(given, alert),
    ...identityRepairs(given, alert),
    ...statusRepairs(given, alert),
    ...setRepairs('label', given['labels'], alert.labels),
    ...setRepairs('annotation', given['annotations'], alert.annotations),
  ];
}

function timeRepairs(given: Sent, { startGuessed, status }: RawAlert): readonly string[] {
  const { startsAt, endsAt } = given;
  const lines: string[] = [];
  if (startGuessed) {
    const why = startsAt === undefined ? 'there is no startsAt' : 'startsAt is no RFC 3339 time since 1970';
    lines.push(`${why}: the start is taken to be when the message arrived`);
  }
  if (status === 'resolved' && parseRfc3339(endsAt) === null) {
    lines.push('there is no readable endsAt: the end is taken to be when the message arrived');
  }
  return lines;
}

function identityRepairs({ fingerprint: sent }: Sent, { fingerprint }: RawAlert): readonly string[] {
  if (sent === fingerprint) return [];
  if (sent === undefined) return ['there is no fingerprint: one was made of what identifies the alert'];
  return ['the fingerprint cannot be used, or two different alerts have it: one was made of the labels'];
}

function statusRepairs({ status: sent }: Sent, { status }: RawAlert): readonly string[] {
  if (typeof sent === 'string' && sent.trim().toLowerCase() === status) return [];
  if (sent === undefined || sent === '') return [`it has no status of its own: taken for ${status}`];
  return [`its status is none that is known: taken for ${status}`];
}

function setRepairs(what: 'label' | 'annotation', sent: unknown, kept: RawAlert['labels']): readonly string[] {
  if (sent === undefined || sent === null) return [];
  if (typeof sent !== 'object' || Array.isArray(sent)) return [`the ${what}s are no mapping: left out`];
  const names = Object.entries(sent);
  const lost = names.filter(([name]) => !Object.hasOwn(kept, name)).map(([name]) => name);
  const changed = names.filter(([name, value]) => Object.hasOwn(kept, name) && kept[name] !== String(value));
  return [
    ...(lost.length === 0 ? [] : [`left out, or under a changed name: ${what} ${joinList(lost)}`]),
    ...(changed.length === 0
      ? []
      : [`cut, or made fit to be kept: ${what} ${joinList(changed.map(([name]) => name))}`]),
  ];
}

type Sent = Readonly<Record<string, unknown>>;

const objectOf = (raw: unknown): Sent =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Sent) : {};

function joinList(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).map((name) => JSON.stringify(name.slice(0, 60).toWellFormed()));
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}
