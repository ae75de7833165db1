/** One alert of a message: how it was read, which route takes it and why, and what its identity is made of. Pure. */
import type { Config } from '../../../config/config.ts';
import type { SourceName } from '../../../config/sections/sources.ts';
import { workflowIdFor, explainRouting, type RouteExplained } from '../../../config/routing.ts';
import { correlationKeyOf, type RoutedAlert } from '../../ingest/route-and-group.ts';
import { parseRfc3339 } from '../../ingest/sources/alert-fields.ts';
import type { RawAlert } from '../../ingest/sources/message.ts';
import { STATUS_NOTE } from '../../ingest/sources/status-words.ts';

export interface AlertExplained {
  readonly title: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly fingerprint: string;
  readonly status: 'firing' | 'resolved';
  readonly startsAt: string;
  readonly startGuessed: boolean;
  readonly endsAt: string | null;
  /** What had to be repaired, guessed or left out. */
  readonly repaired: readonly string[];
  /** Why a stage dropped it; null: none did. */
  readonly ignored: string | null;
  /** Which route its labels choose. */
  readonly routing: RouteExplained | null;
  /** Null where it was dropped. */
  readonly identity: IdentityExplained | null;
}

export interface IdentityExplained {
  readonly workflowId: string;
  /** What alerts must share to be one incident: the group's key, labels of the group, of the route, of the alert. */
  readonly by: 'group' | 'group-labels' | 'labels' | 'alert-labels';
  /** The key itself; its hash is in the workflow id. */
  readonly key: string;
  readonly team: string;
}

/** What the stages made of an alert. */
export interface StagedAlert {
  readonly raw: RawAlert;
  /** As it was in the body; undefined where that is not known. */
  readonly sent: unknown;
  /** Null where it was dropped. */
  readonly routed: RoutedAlert | null;
  readonly dropReason: string | null;
}

export function explainAlert(
  { raw, sent, routed, dropReason }: StagedAlert,
  { config, source }: { readonly config: Config; readonly source: SourceName },
): AlertExplained {
  const { title, labels, fingerprint, status, startsAt, startGuessed, endsAt } = raw;
  const statusNote = raw.annotations[STATUS_NOTE];
  return {
    title,
    labels,
    fingerprint,
    status,
    startGuessed,
    startsAt: new Date(startsAt).toISOString(),
    endsAt: endsAt === null ? null : new Date(endsAt).toISOString(),
    repaired: [...(sent === undefined ? [] : repairsOf(sent, raw)), ...(statusNote === undefined ? [] : [statusNote])],
    ignored: dropReason,
    routing: explainRouting(config, labels),
    identity: routed === null ? null : identityOf(routed, source),
  };
}

function identityOf(routed: RoutedAlert, source: SourceName): IdentityExplained {
  const { team } = routed.routing;
  const key = correlationKeyOf(routed, source);
  const [by] = JSON.parse(key) as [IdentityExplained['by']];
  return { workflowId: workflowIdFor(team, key), by, key, team };
}

/** Enough to see what is wrong with a template. */
const LISTED = 10;

/** One line for each thing that was repaired, guessed or left out. */
function repairsOf(sent: unknown, alert: RawAlert): readonly string[] {
  const given = objectOf(sent);
  return [
    ...timeRepairs(given, alert),
    ...identityRepairs(given, alert),
    ...statusRepairs(given, alert),
    ...setRepairs('label', given['labels'], alert.labels),
    ...setRepairs('annotation', given['annotations'], alert.annotations),
  ];
}

function timeRepairs(given: Sent, { startGuessed, sentStartsAt, status }: RawAlert): readonly string[] {
  const { startsAt, endsAt } = given;
  const lines: string[] = [];
  if (startGuessed) {
    const unreadable = startsAt === undefined ? 'no startsAt' : 'startsAt is not an RFC 3339 time since 1970';
    const why = sentStartsAt === undefined ? unreadable : "startsAt is ahead of the server's clock";
    lines.push(`${why}: used the time when the message arrived`);
  }
  if (status === 'resolved' && parseRfc3339(endsAt) === null) {
    lines.push('no readable endsAt: used the time when the message arrived');
  }
  return lines;
}

function identityRepairs({ fingerprint: sent }: Sent, { fingerprint }: RawAlert): readonly string[] {
  if (sent === fingerprint) return [];
  if (sent === undefined) return ['no fingerprint: made one from what identifies the alert'];
  return ['the fingerprint is unusable, or two different alerts share it: made one from the labels'];
}

function statusRepairs({ status: sent }: Sent, { status }: RawAlert): readonly string[] {
  if (typeof sent === 'string' && sent.trim().toLowerCase() === status) return [];
  if (sent === undefined || sent === '') return [`no status of its own: treated as ${status}`];
  return [`unknown status: treated as ${status}`];
}

function setRepairs(what: 'label' | 'annotation', sent: unknown, kept: RawAlert['labels']): readonly string[] {
  if (sent === undefined || sent === null) return [];
  if (typeof sent !== 'object' || Array.isArray(sent)) return [`the ${what}s are not a mapping: left out`];
  const names = Object.entries(sent);
  const lost = names.filter(([name]) => !Object.hasOwn(kept, name)).map(([name]) => name);
  const changed = names.filter(([name, value]) => Object.hasOwn(kept, name) && kept[name] !== String(value));
  return [
    ...(lost.length === 0 ? [] : [`left out or renamed: ${what} ${joinList(lost)}`]),
    ...(changed.length === 0 ? [] : [`shortened or cleaned: ${what} ${joinList(changed.map(([name]) => name))}`]),
  ];
}

type Sent = Readonly<Record<string, unknown>>;

const objectOf = (raw: unknown): Sent =>
  typeof raw === 'object' && raw !== null && !Array.isArray(raw) ? (raw as Sent) : {};

function joinList(names: readonly string[]): string {
  const shown = names.slice(0, LISTED).map((name) => JSON.stringify(name.slice(0, 60).toWellFormed()));
  return names.length > shown.length ? `${shown.join(', ')} and ${names.length - shown.length} more` : shown.join(', ');
}
