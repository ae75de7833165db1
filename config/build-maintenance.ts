/** Maintenance windows of a checked draft, in the configuration's own shape. */
import { parseWeeklyTimes, parseInstant } from '../schedules/maintenance-windows.ts';
import { type MaintenanceSetting } from './config.ts';
import { type MaintenanceInput } from './sections/maintenance.ts';

/** `zone`: the organization's. */
export function toMaintenance(windows: MaintenanceInput = [], zone: string): readonly MaintenanceSetting[] {
  return windows.map(({ name, match, from = '', until = '', every, timeZone = zone }) => ({
    name,
    match: new Map(Object.entries(match)),
    times:
      every === undefined
        ? { from: parseInstant(from, timeZone) ?? NaN, until: parseInstant(until, timeZone) ?? NaN }
        : { every: parseWeeklyTimes(every) ?? [], timeZone },
  }));
}
