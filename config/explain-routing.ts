/** Why an alert goes where it goes: the very functions that route it, asked what they saw. Pure. */
import type { Severity } from '../domain/kernel/severity.ts';
import type { Config } from './config.ts';
import { labelOf, firstUnmatchedLabel, severityFor, type Labels, type SeverityBecause } from './routing.ts';

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

/** As `routeAlert` decides. */
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
    severity: explainSeverity(severityFor(route, labels), labelOf(labels, 'severity') ?? null),
  };
}

function explainSeverity(found: ReturnType<typeof severityFor>, label: string | null): SeverityExplained {
  if (found === 'no-incident') return { label, severity: null, guessed: false, because: 'none', cappedFrom: null };
  const { severity, guessed, because, uncapped } = found;
  return { label, severity, guessed, because, cappedFrom: uncapped === severity ? null : uncapped };
}
