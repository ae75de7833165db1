/** An alert's labels → the team that gets it and how bad it is. Pure. */
import { isMajor, isWorse, type Severity } from '../domain/kernel/severity.ts';
import { type Config } from './config.ts';
import type { Route } from './sections/routes.ts';
import { globMatches } from './glob.ts';
import { normalLabel, severityOfLabel } from './severity-labels.ts';

export type Labels = ReadonlyMap<string, string> | Readonly<Record<string, string>>;

export interface Routing {
  readonly team: string;
  /** The label `service`, when the configuration knows it. */
  readonly service: string | null;
  /** What the public calls the service. */
  readonly component: string | null;
  readonly severity: Severity;
  /** Nobody said how bad it is, so it was taken for a SEV3. */
  readonly guessed: boolean;
  readonly correlateBy: readonly string[] | null;
  readonly restricted: boolean;
  /** Which of `config.routes` took it, from 0. */
  readonly route: number;
}

/** `no-incident`: the label says that nothing is to be opened (`severity: none`). */
export function routeAlert(config: Config, labels: Labels): Routing | 'no-incident' {
  const index = config.routes.findIndex((route) => firstUnmatchedLabel(route, labels) === null);
  const route = config.routes[index];
  if (!route) throw new Error('no route matched: the configuration has no default route');
  const found = severityFor(route, labels);
  if (found === 'no-incident') return found;
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

export interface SeverityFound {
  readonly severity: Severity;
  readonly guessed: boolean;
  readonly because: SeverityBecause;
  /** What it would be without the route's `maxSeverity`. */
  readonly uncapped: Severity;
}

/** How bad an alert that `route` takes is. */
export function severityFor(route: Route, labels: Labels): SeverityFound | 'no-incident' {
  const found = uncapped(route, labelOf(labels, 'severity'));
  if (found === 'no-incident') return found;
  const [severity, because] = found;
  return { severity: capped(severity, route.maxSeverity), guessed: because === 'guessed', because, uncapped: severity };
}

function uncapped(
  { severity }: Route,
  label: string | undefined,
): readonly [Severity, SeverityBecause] | 'no-incident' {
  const byMap = typeof severity === 'object' ? severity?.get(normalLabel(label ?? '')) : undefined;
  if (byMap) return [byMap, 'map'];
  const labelSeverity = severityOfLabel(label);
  if (labelSeverity === 'none') return 'no-incident';
  if (typeof severity !== 'string') return labelSeverity === null ? ['SEV3', 'guessed'] : [labelSeverity, 'label'];
  if (labelSeverity === null) return [severity, 'route'];
  // It lifts what pages already, and never lowers: that is `maxSeverity`'s work.
  return isMajor(labelSeverity) && isWorse(severity, labelSeverity) ? [severity, 'lifted'] : [labelSeverity, 'label'];
}

function capped(severity: Severity, max: Severity | null): Severity {
  return max !== null && isWorse(severity, max) ? max : severity;
}

export function labelOf(labels: Labels, name: string): string | undefined {
  if (isMap(labels)) return labels.get(name);
  return Object.hasOwn(labels, name) ? labels[name] : undefined;
}

/** `instanceof` alone does not narrow a `ReadonlyMap`. */
function isMap(labels: Labels): labels is ReadonlyMap<string, string> {
  return labels instanceof Map;
}
