/** `routes`: which team gets an alert, and how bad it is. */
import { z } from 'zod';
import type { Severity } from '../../domain/kernel/severity.ts';
import { flag, id, orNull, strict } from '../../runtime/setting-schemas.ts';
import type { Report, Section } from '../config.ts';
import { globCovers } from '../glob.ts';
import { label, labelMatch, severity } from '../primitives.ts';
import { checkTeamName } from './services.ts';
import { mapByLabel } from './severity-labels.ts';

export interface Route {
  /** Label → exact value or glob (`*`, `?`); empty for the default route. */
  readonly match: ReadonlyMap<string, string>;
  readonly team: string;
  /** One severity for paging-grade alerts, or a map from label value to severity. */
  readonly severity: Severity | ReadonlyMap<string, Severity> | null;
  readonly maxSeverity: Severity | null;
  readonly correlateBy: readonly string[] | null;
  readonly restricted: boolean;
}

const severityByLabel = mapByLabel(severity, 'severities by label');

const route = strict({
  match: labelMatch.prefault({}),
  team: id,
  severity: orNull(
    z.union([severity, severityByLabel], {
      error: 'expected a severity such as SEV1, or a mapping such as { critical: SEV1, warning: SEV2 }',
    }),
  ),
  maxSeverity: orNull(severity),
  correlateBy: orNull(
    z
      .array(label, { error: 'expected a list of labels, e.g. [service]' })
      .min(1, 'must not be empty: name a label or remove the key'),
  ),
  restricted: flag.default(false),
});

export const routesSection: Section<readonly Route[]> = {
  schema: z
    .array(route, { error: 'expected a list of routes, e.g. - team: platform' })
    .min(1, 'no routes: end the list with a default, e.g. - team: platform'),
  complete(routes, draft, report) {
    // What a broken one will match is not known.
    const whole = routes.map((each, i) => (draft.isBroken('routes', i) ? null : each));
    routes.forEach(({ team }, i) => checkTeamName(team, draft, report, [i, 'team']));
    whole.forEach((each, i) => checkCanMatch(whole, each, report, i));
    if (!draft.isBroken('routes') && !routes.some(isDefault)) {
      report([], 'no default: an alert that matches none of these would page nobody; end the list with - team: …');
    }
    return routes;
  },
};

/** No earlier route takes everything that this one could. */
function checkCanMatch(routes: readonly (Route | null)[], route: Route | null, report: Report, index: number): void {
  const taker =
    route === null ? -1 : routes.slice(0, index).findIndex((earlier) => earlier && takesAll(earlier, route));
  const earlier = routes[taker];
  if (!earlier) return;
  const [why, remedy] = isDefault(earlier)
    ? ['has no match and takes everything', 'move the default to the end']
    : ['already takes all that this one matches', 'remove this one or move it before'];
  report([index], `this route can never match: routes[${taker}] ${why}; ${remedy}`);
}

const takesAll = (wide: Route, narrow: Route): boolean =>
  [...wide.match].every(([name, pattern]) => {
    const other = narrow.match.get(name);
    if (other === undefined) return false;
    // The empty pattern also means "no such label", which only its equal covers.
    return pattern === other || (other !== '' && pattern !== '' && globCovers(pattern, other));
  });

const isDefault = ({ match }: Route): boolean => match.size === 0;
