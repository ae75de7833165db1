/**
 * Where alerts meet: the correlation key of an alert and the workflow id made of it. Made only of the team and the key,
 * never of a title; labels never appear raw. Pure.
 */
import { canonicalJson, digestOf } from '../runtime/canonical-json.ts';

type Labels = Readonly<Record<string, string>>;

export interface CorrelationParts {
  /** The name of the source, so that two tools' equal keys stay apart. */
  readonly source: string;
  /** As it arrived: only a text that is not empty counts (old senders send numbers, whose digits JSON loses). */
  readonly groupKey: unknown;
  readonly groupLabels: Labels | null;
  readonly labels: Labels;
  /** Of the route. With it, alerts of every source that agree on these labels meet. */
  readonly correlateBy: readonly string[] | null;
  /** Of the route: a restricted incident never shares its place with an open one. */
  readonly restricted: boolean;
}

/** Equal keys: the same incident. The route's labels, else the group's key, else its labels, else the alert's own. */
export function correlationKey(parts: CorrelationParts): string {
  const { source, groupKey, groupLabels, labels, correlateBy, restricted } = parts;
  const scope = restricted ? ['restricted'] : [];
  if (correlateBy) {
    const chosen = [...correlateBy].sort().map((name) => [name, Object.hasOwn(labels, name) ? labels[name] : '']);
    return canonicalJson(['labels', chosen, ...scope]);
  }
  if (typeof groupKey === 'string' && groupKey !== '') return canonicalJson(['group', source, groupKey, ...scope]);
  const grouped = groupLabels && Object.keys(groupLabels).length > 0;
  return canonicalJson([grouped ? 'group-labels' : 'alert-labels', source, grouped ? groupLabels : labels, ...scope]);
}

/** `inc-<team>-<hash>`, at most 64 of `[a-z0-9-]`: the slug is for people, the hash makes it unique. */
export function workflowIdFor(team: string, key: string): string {
  return `inc-${slugOf(team)}-${digestOf([team, key], 20)}`;
}

/** `storm-<team>`, with a hash where the team's name had to be changed: the one place in which its storm is gathered. */
export function stormWorkflowIdFor(team: string): string {
  const slug = slugOf(team);
  return slug === team ? `storm-${team}` : `storm-${slug}-${digestOf(['storm', team], 20)}`;
}

/** `heartbeat-<name>`, with a hash where the name had to be changed. */
export function heartbeatWorkflowIdFor(name: string): string {
  const slug = slugOf(name);
  return slug === name ? `heartbeat-${name}` : `heartbeat-${slug}-${digestOf(['heartbeat', name], 20)}`;
}

/** Where the silence of a heartbeat is an incident. */
export const missedHeartbeatWorkflowIdFor = (team: string, name: string): string =>
  workflowIdFor(team, canonicalJson(['heartbeat', name]));

function slugOf(team: string): string {
  const slug = team
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9]+/g, '-')
    .slice(0, 24)
    .replace(/^-+|-+$/g, '');
  return slug || 'team';
}
