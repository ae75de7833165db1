/** An alert's labels → the team that gets it and how bad it is. Pure. */
import { isMajor, isWorse, type Severity } from '../domain/severity.ts';
import { type Config, type Route } from './config.ts';
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
  const index = config.routes.findIndex((route) => matches(route, labels));
  const route = config.routes[index];
  if (!route) throw new Error('no route matched: the configuration has no default route');
  const found = severityFor(route, labelOf(labels, 'severity'));
  if (found === 'no-incident') return found;
  const service = config.services.get(labelOf(labels, 'service') ?? '') ?? null;
  return {
    team: route.team,
    service: service?.id ?? null,
    component: service?.component ?? null,
    severity: capped(found.severity, route.maxSeverity),
    guessed: found.guessed,
    correlateBy: route.correlateBy,
    restricted: route.restricted,
    route: index,
  };
}

/** An absent label is matched by the empty pattern only. */
function matches({ match }: Route, labels: Labels): boolean {
  return [...match].every(([name, pattern]) => {
    const value = labelOf(labels, name) ?? '';
    return value === '' ? pattern === '' : globMatches(pattern, value);
  });
}

type Found = { readonly severity: Severity; readonly guessed: boolean } | 'no-incident';

function severityFor({ severity }: Route, label: string | undefined): Found {
  const byMap = typeof severity === 'object' ? severity?.get(normalLabel(label ?? '')) : undefined;
  if (byMap) return { severity: byMap, guessed: false };
  const said = severityOfLabel(label);
  if (said === 'none') return 'no-incident';
  if (typeof severity !== 'string') return { severity: said ?? 'SEV3', guessed: said === null };
  if (said === null) return { severity, guessed: false };
  // It lifts what pages already, and never lowers: that is `maxSeverity`'s work.
  return { severity: isMajor(said) && isWorse(severity, said) ? severity : said, guessed: false };
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
