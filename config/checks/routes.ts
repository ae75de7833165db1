/** Routes: each can match something, each leads to a team, and the last takes what is left. */
import { type ConfigDraft } from '../draft.ts';
import { globCovers } from '../glob.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Finding } from '../config-problems.ts';
import { type RouteInput } from '../schema/config-file.ts';

export function checkRoutes({ routes, teams, services, isBroken }: ConfigDraft): readonly Finding[] {
  // What a broken one will match is not known.
  const whole = routes.map((route, i) => (isBroken(['routes', i]) ? null : route));
  const known = [...teams.keys()];
  const unknown = (name: string): string => `no team is called "${name}": ${didYouMean(name, known)}`;
  const unknownTeams = routes.flatMap((route, index) =>
    route && !teams.has(route.team) ? [{ path: ['routes', index, 'team'], message: unknown(route.team) }] : [],
  );
  const unknownOwners = [...services].flatMap(([id, service]) =>
    service?.team !== undefined && !teams.has(service.team)
      ? [{ path: ['services', id, 'team'], message: unknown(service.team) }]
      : [],
  );
  return [
    ...unknownTeams,
    ...unknownOwners,
    ...whole.flatMap((route, i) => unreachableRoute(whole, route, i)),
    ...noDefault(whole),
  ];
}

/** An earlier route that takes everything this one could. */
function unreachableRoute(
  routes: readonly (RouteInput | null)[],
  route: RouteInput | null,
  index: number,
): readonly Finding[] {
  const taker = route
    ? routes.slice(0, index).findIndex((earlier) => earlier !== null && takesAll(earlier, route))
    : -1;
  const earlier = routes[taker];
  if (!earlier) return [];
  const why = isDefault(earlier) ? 'has no match and takes everything' : 'already takes all that this one matches';
  const remedy = isDefault(earlier) ? 'move the default to the end' : 'remove this one or move it before';
  return [{ path: ['routes', index], message: `this route can never match: routes[${taker}] ${why}; ${remedy}` }];
}

function takesAll(wide: RouteInput, narrow: RouteInput): boolean {
  return Object.entries(wide.match ?? {}).every(([label, pattern]) => {
    const other = Object.hasOwn(narrow.match ?? {}, label) ? narrow.match?.[label] : undefined;
    if (other === undefined) return false;
    // The empty pattern also means "no such label", which only its equal covers.
    return pattern === other || (other !== '' && pattern !== '' && globCovers(pattern, other));
  });
}

function noDefault(routes: readonly (RouteInput | null)[]): readonly Finding[] {
  if (routes.length === 0 || routes.some((route) => route === null || isDefault(route))) return [];
  const message = 'no default: an alert that matches none of these would page nobody; end the list with - team: …';
  return [{ path: ['routes'], message }];
}

const isDefault = (route: RouteInput): boolean => Object.keys(route.match ?? {}).length === 0;
