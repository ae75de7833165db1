/** Windows in which matching alerts are held back: once, or every week. */
import { z } from 'zod';
import { parseWeeklyTimes, parseInstant } from '../../schedules/maintenance-windows.ts';
import { match } from './sources.ts';
import { strict, text, timeZone } from '../schema/primitives.ts';

const EXAMPLE = '{ name: disk swap, match: { service: payments }, every: "sun 02:00-04:00" }';

/** Without an offset it is by the clock of the window's zone, which is not known here. */
const moment = text(40).refine(
  (value) => parseInstant(value, 'UTC') !== null,
  'expected "2026-11-21 22:00" (by the clock of timeZone) or "2026-11-21T22:00:00+01:00"',
);

const every = text().refine(
  (value) => parseWeeklyTimes(value) !== null,
  'expected hours of the week such as "sun 02:00-04:00", several joined by ";"',
);

const window = strict({
  name: text(100),
  match,
  from: moment.optional(),
  until: moment.optional(),
  every: every.optional(),
  timeZone: timeZone.optional(),
}).superRefine(({ from, until, every: weekly, match: labels }, context) => {
  const problem = (path: string[], message: string): void => context.addIssue({ code: 'custom', path, message });
  if (weekly !== undefined && (from !== undefined || until !== undefined))
    problem(['every'], 'every week or once, not both: remove every, or from and until');
  if (weekly === undefined && (from === undefined || until === undefined))
    problem([], 'say when: from and until, or every: "sun 02:00-04:00"');
  if (!Object.values(labels).some((pattern) => pattern !== ''))
    problem(['match'], 'it would hold back nearly every alert there is: name a label, such as service: payments');
});

export const maintenance = z.array(window, { error: `expected a list of windows, e.g. - ${EXAMPLE}` });

export type MaintenanceInput = z.output<typeof maintenance>;
