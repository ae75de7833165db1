/** Windows of maintenance: each ends, and each has a name of its own. */
import { neverEnds, parseWeeklyTimes, parseInstant } from '../../schedules/maintenance-windows.ts';
import { type ConfigDraft } from '../draft.ts';
import { type Finding } from '../config-problems.ts';
import { type MaintenanceInput } from '../sections/maintenance.ts';

export function checkMaintenance({ otherSections }: ConfigDraft): readonly Finding[] {
  const windows = otherSections.maintenance ?? [];
  const { organization } = otherSections;
  const inOrganization = organization && 'timeZone' in organization ? organization.timeZone : undefined;
  const zone = otherSections.timeZone ?? inOrganization ?? 'UTC';
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
  if (every !== undefined && neverEnds(parseWeeklyTimes(every) ?? []))
    return [['every', 'it never ends, so what it holds back would never page: leave a time out, or route the alert']];
  if (from === undefined || until === undefined) return [];
  const [begins, ends] = [parseInstant(from, timeZone), parseInstant(until, timeZone)];
  return begins !== null && ends !== null && ends <= begins ? [['until', `it must be later than from (${from})`]] : [];
}
