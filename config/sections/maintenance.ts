/** `maintenance`: windows in which matching alerts are suppressed, once or every week. */
import { z } from 'zod';
import { orNull, strict, text } from '../../runtime/setting-schemas.ts';
import { parseWeeklyHours } from '../../schedules/hours.ts';
import { ambiguityOf, neverEnds, parseInstant, type WindowTimes } from '../../schedules/maintenance-windows.ts';
import type { Section } from '../config.ts';
import { labelMatch, timeZone } from '../primitives.ts';
import { timeZoneOf } from './organization.ts';

/** Alerts that match during one of its times are suppressed until its end. */
export interface MaintenanceSetting {
  readonly name: string;
  /** As a route's; never empty. */
  readonly match: ReadonlyMap<string, string>;
  readonly times: WindowTimes;
}

const EXAMPLE = '{ name: disk swap, match: { service: payments }, every: "sun 02:00-04:00" }';

/** Without an offset it is by the clock of the window's zone, which is not known here. */
const moment = text(40).refine(
  (value) => parseInstant(value, 'UTC') !== null,
  'expected "2026-11-21 22:00" (by the clock of timeZone) or "2026-11-21T22:00:00+01:00"',
);

const weekly = text().refine(
  (value) => parseWeeklyHours(value) !== null,
  'expected hours of the week such as "sun 02:00-04:00", several joined by ";"',
);

const window = strict({
  name: text(100),
  match: labelMatch,
  from: orNull(moment),
  until: orNull(moment),
  every: orNull(weekly),
  timeZone: orNull(timeZone),
}).superRefine(({ from, until, every, match }, context) => {
  const problem = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if (every !== null && (from !== null || until !== null))
    problem(['every'], 'every week or once, not both: remove every, or from and until');
  if (every === null && (from === null || until === null))
    problem([], 'say when: from and until, or every: "sun 02:00-04:00"');
  if (![...match.values()].some((pattern) => pattern !== ''))
    problem(['match'], 'it would hold back nearly every alert there is: name a label, such as service: payments');
});

type WindowParsed = z.output<typeof window>;

export const maintenanceSection: Section<readonly MaintenanceSetting[], readonly WindowParsed[]> = {
  schema: z.array(window, { error: `expected a list of windows, e.g. - ${EXAMPLE}` }).default([]),
  complete(windows, draft, report) {
    return windows.map((parsed, index) => {
      const { name, match } = parsed;
      if (windows.findIndex((other) => other.name === name) < index) {
        report([index, 'name'], `a window above is called "${name}" too: give each its own name`);
      }
      const times = timesOf(parsed, timeZoneOf(draft));
      const ambiguous = ambiguities(parsed, timeZoneOf(draft));
      for (const [key, why] of ambiguous) report([index, key], why);
      if ('every' in times && neverEnds(times.every)) {
        report(
          [index, 'every'],
          'it never ends, so what it holds back would never page: leave a time out, or route the alert',
        );
      }
      if (ambiguous.length === 0 && 'until' in times && times.until <= times.from) {
        report([index, 'until'], `it must be later than from (${parsed.from ?? ''})`);
      }
      return { name, match, times };
    });
  },
};

/** Nobody can say which moment they mean. */
function ambiguities(
  { from, until, timeZone: own }: WindowParsed,
  organizations: string,
): readonly (readonly ['from' | 'until', string])[] {
  return (['from', 'until'] as const).flatMap((key) => {
    const why = ambiguityOf({ from, until }[key] ?? '', own ?? organizations);
    return why === null ? [] : [[key, why] as const];
  });
}

function timesOf({ from, until, every, timeZone: own }: WindowParsed, organizations: string): WindowTimes {
  const zone = own ?? organizations;
  if (every !== null) return { every: parseWeeklyHours(every) ?? [], timeZone: zone };
  return { from: parseInstant(from ?? '', zone) ?? NaN, until: parseInstant(until ?? '', zone) ?? NaN };
}
