/** Maintenance windows of a checked draft, in the configuration's own shape. */
import { parseEvery, parseMoment } from '../schedules/windows.ts';
import { type MaintenanceSetting } from './config.ts';
import { type MaintenanceInput } from './schema/maintenance.ts';

/** `zone`: the organization's. */
export function toMaintenance(windows: MaintenanceInput = [], zone: string): readonly MaintenanceSetting[] {
  return windows.map(({ name, match, from = '', until = '', every, timeZone = zone }) => ({
    name,
    match: new Map(Object.entries(match)),
    times:
      every === undefined
        ? { from: parseMoment(from, timeZone) ?? NaN, until: parseMoment(until, timeZone) ?? NaN }
        : { every: parseEvery(every) ?? [], timeZone },
  }));
}
