/** Windows of maintenance: each ends, and each has a name of its own. */
import { neverEnds, parseEvery, parseMoment } from '../../schedules/windows.ts';
import { type Draft } from '../draft.ts';
import { type Finding } from '../problems.ts';
import { type MaintenanceInput } from '../schema/maintenance.ts';

export function checkMaintenance({ rest }: Draft): readonly Finding[] {
  const windows = rest.maintenance ?? [];
  const { organization } = rest;
  const inOrganization = organization && 'timeZone' in organization ? organization.timeZone : undefined;
  const zone = rest.timeZone ?? inOrganization ?? 'UTC';
  return windows.flatMap((window, index) => {
    const at = ['maintenance', index];
    const twin = windows.findIndex(({ name }) => name === window.name);
    return [
      ...(twin < index
        ? [{ path: [...at, 'name'], message: `a window above is called "${window.name}" too: give each its own name` }]
        : []),
      ...checkTimes(window, zone).map(([key, message]) => ({ path: [...at, key], message })),
    ];
  });
}

function checkTimes(
  { from, until, every, timeZone: own }: MaintenanceInput[number],
  organizations: string,
): readonly [string, string][] {
  const timeZone = own ?? organizations;
  if (every !== undefined && neverEnds(parseEvery(every) ?? []))
    return [['every', 'it never ends, so what it holds back would never page: leave a time out, or route the alert']];
  if (from === undefined || until === undefined) return [];
  const [begins, ends] = [parseMoment(from, timeZone), parseMoment(until, timeZone)];
  return begins !== null && ends !== null && ends <= begins ? [['until', `it must be later than from (${from})`]] : [];
}
