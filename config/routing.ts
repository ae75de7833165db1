/**
 * An alert's labels → the team that gets it, how bad it is, and why; and the correlation key and workflow id, where it
 * meets others. These are made only of the team and the key, never of a title, and labels never appear raw. Pure.
 */
import { isMajor, isWorse, type Severity } from '../domain/kernel/severity.ts';
import { canonicalJson, digestOf, type Signer } from '../runtime/digests.ts';
import { type Config } from './config.ts';
import type { Route } from './sections/routes.ts';
import { normalSeverityLabel, severityOfLabel, type SeverityLabels } from './sections/severity-labels.ts';
import { globMatches } from './glob.ts';

export type Labels = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

export interface Routing {
  readonly team: string;
  /** The label `service`, when the configuration knows it. */
  readonly service: string | null;
  /** What the public calls the service. */
  readonly component: string | null;
  readonly severity: Severity;
  /** No severity was given, so the default SEV3 applies. */
  readonly guessed: boolean;
  readonly correlateBy: readonly string[] | null;
  readonly restricted: boolean;
  /** Which of `config.routes` took it, from 0. */
  readonly route: number;
}

/** `no-incident`: the label asks for no incident (`severity: none`). */
export function routeAlert(config: Config, labels: Labels): Routing | 'no-incident' {
  const { route, index } = routeOf(config, labels);
  const found = severityFor(route, labels, config.severityLabels);
  return found === 'no-incident' ? found : routingBy({ route, index, found }, config, labels);
}

/** Where an end goes: as its alert, but no severity keeps it from ending. `none` makes nothing worse. */
export function routeEnd(config: Config, labels: Labels): Routing {
  const { route, index } = routeOf(config, labels);
  const found = severityFor(route, labels, config.severityLabels);
  const severity = found === 'no-incident' ? ({ severity: 'SEV4', guessed: false } as const) : found;
  return routingBy({ route, index, found: severity }, config, labels);
}

interface RouteTaken {
  readonly route: Route;
  readonly index: number;
}

function routeOf(config: Config, labels: Labels): RouteTaken {
  const index = config.routes.findIndex((each) => firstUnmatchedLabel(each, labels) === null);
  const route = config.routes[index];
  if (!route) throw new Error('no route matched: the configuration has no default route');
  return { route, index };
}

function routingBy(
  { route, index, found }: RouteTaken & { readonly found: Pick<SeverityFound, 'severity' | 'guessed'> },
  config: Config,
  labels: Labels,
): Routing {
  const service = config.services.get(labelOf(labels, 'service') ?? '') ?? null;
  return {
    team: route.team,
    service: service?.id ?? null,
    component: service?.component ?? null,
    severity: found.severity,
    guessed: found.guessed,
    correlateBy: route.correlateBy,
    restricted: route.restricted,
    route: index,
  };
}

/**
 * Where alerts may have gone whose labels are not known any more: once for each team and secrecy. Routes that correlate
 * by labels are left out: without these nobody can say where.
 */
export function routingsWithoutLabels({ routes }: Config): readonly Routing[] {
  const found = new Map<string, Routing>();
  routes.forEach(({ team, restricted, correlateBy }, route) => {
    const teamAndSecrecy = `${team} ${restricted}`;
    if (correlateBy !== null || found.has(teamAndSecrecy)) return;
    const unknown = { service: null, component: null, severity: 'SEV3', guessed: true } as const;
    found.set(teamAndSecrecy, { ...unknown, team, correlateBy, restricted, route });
  });
  return [...found.values()];
}

/** The first label of the route's `match` that does not fit; null when the route takes the alert. */
export function firstUnmatchedLabel({ match }: Pick<Route, 'match'>, labels: Labels): string | null {
  // An absent label is matched by the empty pattern only.
  const misfit = [...match].find(([name, pattern]) => {
    const value = labelOf(labels, name) ?? '';
    return value === '' ? pattern !== '' : !globMatches(pattern, value);
  });
  return misfit?.[0] ?? null;
}

/**
 * Why an alert is as bad as it is: the route's map has its label; the label says so; the route lifts it; it has no
 * label that anybody knows, and the route says how bad such alerts are; nobody does.
 */
export type SeverityBecause = 'map' | 'label' | 'lifted' | 'route' | 'guessed';

interface SeverityFound {
  readonly severity: Severity;
  readonly guessed: boolean;
  readonly because: SeverityBecause;
  /** What it would be without the route's `maxSeverity`. */
  readonly uncapped: Severity;
}

/** How bad an alert that `route` takes is. */
function severityFor(route: Route, labels: Labels, own: SeverityLabels): SeverityFound | 'no-incident' {
  const found = uncapped(route, labelOf(labels, 'severity'), own);
  if (found === 'no-incident') return found;
  const [severity, because] = found;
  return { severity: capped(severity, route.maxSeverity), guessed: because === 'guessed', because, uncapped: severity };
}

function uncapped(
  { severity }: Route,
  label: string | undefined,
  own: SeverityLabels,
): readonly [Severity, SeverityBecause] | 'no-incident' {
  const byMap = typeof severity === 'object' ? severity?.get(normalSeverityLabel(label ?? '')) : undefined;
  if (byMap) return [byMap, 'map'];
  const labelSeverity = severityOfLabel(label, own);
  if (labelSeverity === 'none') return 'no-incident';
  if (typeof severity !== 'string') return labelSeverity === null ? ['SEV3', 'guessed'] : [labelSeverity, 'label'];
  if (labelSeverity === null) return [severity, 'route'];
  // It lifts what pages already, and never lowers: that is `maxSeverity`'s work.
  return isMajor(labelSeverity) && isWorse(severity, labelSeverity) ? [severity, 'lifted'] : [labelSeverity, 'label'];
}

function capped(severity: Severity, max: Severity | null): Severity {
  return max !== null && isWorse(severity, max) ? max : severity;
}

function labelOf(labels: Labels, name: string): string | undefined {
  if (isMap(labels)) return labels.get(name);
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/** `instanceof` alone does not narrow a `ReadonlyMap`. */
function isMap(labels: Labels): labels is ReadonlyMap<string, string> {
  return labels instanceof Map;
}

export interface RouteExplained {
  /** Place in `routes`, from 0. */
  readonly route: number;
  /** Label → pattern; empty for the default route. */
  readonly match: Readonly<Record<string, string>>;
  readonly team: string;
  /** Routes before it, and the first label of each that did not fit. */
  readonly skippedRoutes: readonly {
    readonly route: number;
    readonly label: string;
    readonly pattern: string;
    /** Null: the alert has no such label. */
    readonly value: string | null;
  }[];
  readonly severity: SeverityExplained;
}

export interface SeverityExplained {
  /** The alert's label `severity`; null: it has none. */
  readonly label: string | null;
  /** Null: no incident is opened for it. */
  readonly severity: Severity | null;
  readonly guessed: boolean;
  readonly because: SeverityBecause | 'none';
  /** What it would be without the route's `maxSeverity`; null where that changes nothing. */
  readonly cappedFrom: Severity | null;
}

/** Why an alert goes where `routeAlert` sends it, by the same functions. */
export function explainRouting(config: Config, labels: Labels): RouteExplained {
  const misfits: (string | null)[] = [];
  const index = config.routes.findIndex((route) => {
    misfits.push(firstUnmatchedLabel(route, labels));
    return misfits.at(-1) === null;
  });
  const route = config.routes[index];
  if (!route) throw new Error('no route matched: the configuration has no default route');
  return {
    route: index,
    match: Object.fromEntries(route.match),
    team: route.team,
    skippedRoutes: misfits.slice(0, index).map((misfit, earlier) => {
      const label = misfit ?? '';
      const pattern = config.routes[earlier]?.match.get(label) ?? '';
      return { route: earlier, label, pattern, value: labelOf(labels, label) ?? null };
    }),
    severity: explainSeverity(severityFor(route, labels, config.severityLabels), labelOf(labels, 'severity') ?? null),
  };
}

function explainSeverity(found: ReturnType<typeof severityFor>, label: string | null): SeverityExplained {
  if (found === 'no-incident') return { label, severity: null, guessed: false, because: 'none', cappedFrom: null };
  const { severity, guessed, because, uncapped } = found;
  return { label, severity, guessed, because, cappedFrom: uncapped === severity ? null : uncapped };
}

export interface CorrelationParts {
  /** The name of the source, so that two tools' equal keys stay apart. */
  readonly source: string;
  /** As it arrived: only a text that is not empty counts (old senders send numbers, whose digits JSON loses). */
  readonly groupKey: unknown;
  readonly groupLabels: Readonly<Record<string, string>> | null;
  readonly labels: Readonly<Record<string, string>>;
  /** Of the route. With it, alerts of every source that agree on these labels meet. */
  readonly correlateBy: readonly string[] | null;
  /** Of the route: a restricted incident never shares its place with an open one. */
  readonly restricted: boolean;
}

/** Alertmanager's and Grafana's key of a group without labels, such as `{}:{}`: it holds whatever its route takes. */
const GROUP_OF_EVERYTHING = /^\{\}.*:\{\}$/s;

/**
 * Equal keys: the same incident. The route's labels, else the group's key (a group without labels is split by
 * service), else its labels, else the alert's own.
 */
export function correlationKey(parts: CorrelationParts): string {
  const { source, groupKey, groupLabels, labels, correlateBy, restricted } = parts;
  const scope = restricted ? ['restricted'] : [];
  if (correlateBy) {
    const chosen = [...correlateBy].sort().map((name) => [name, Object.hasOwn(labels, name) ? labels[name] : '']);
    return canonicalJson(['labels', chosen, ...scope]);
  }
  const grouped = groupLabels && Object.keys(groupLabels).length > 0;
  if (typeof groupKey === 'string' && groupKey !== '') {
    const service = !grouped && GROUP_OF_EVERYTHING.test(groupKey) ? (labelOf(labels, 'service') ?? '') : '';
    return canonicalJson(['group', source, groupKey, ...(service === '' ? [] : [{ service }]), ...scope]);
  }
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

/** The incident's page: always under the configured address, never under a request's `Host`. */
export const incidentUrl = ({ publicUrl }: Config, workflowId: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/incidents/${workflowId}`;

/** The same for our own people in pages and messages: with a signature, by which the page opens without signing in. */
export const signedIncidentUrl = (
  config: Config,
  { signIncident }: Pick<Signer, 'signIncident'>,
  { workflowId, id }: { readonly workflowId: string; readonly id: string },
): string => `${incidentUrl(config, workflowId)}?link=${signIncident(id)}`;
