/** People and how to reach them, teams, services. */
import { z } from 'zod';
import { contactTargets } from '../../providers/vendors.ts';
import { channel } from '../schema/channel.ts';
import { clockRange, id, link, officeHours, oneOrMany, strict, text, timeZone } from '../schema/primitives.ts';

export const contact = z.union(
  [
    z.literal('terminal', { error: 'expected terminal' }).transform(() => ({ terminal: true as const })),
    strict(contactTargets).refine((value) => Object.keys(value).length === 1, {
      error: 'a contact names exactly one way, e.g. { webhook: "https://…" }',
      when: ({ issues }) => issues.length === 0,
    }),
  ],
  { error: 'expected a contact such as { webhook: "https://…" }' },
);

export const person = strict({
  name: text(100).optional(),
  role: text(64).optional(),
  contact: oneOrMany(contact, 'expected a list of contacts such as [{ webhook: "https://…" }]').optional(),
  timeZone: timeZone.optional(),
  quietHours: clockRange.optional(),
});

const names = oneOrMany(id, 'name a person or a list of people');

const calendarDay = text(10).refine(
  (day) => /^\d{4}-\d\d-\d\d$/.test(day) && new Date(`${day}T00:00:00Z`).toJSON()?.startsWith(day) === true,
  'expected a date such as "2026-12-24"',
);

const holidays = z.union(
  [text(32).regex(/^[A-Z]{2}(-[A-Za-z0-9]{1,12}){0,2}$/, 'expected a region such as DE-BE'), z.array(calendarDay)],
  { error: 'expected a region such as DE-BE, or a list of dates' },
);

export const team = strict({
  onCall: names.optional(),
  escalation: z
    .array(names, { error: 'expected a list of levels, e.g. [onCall, bo, eve]' })
    .min(1, 'the escalation is empty: name at least one level, e.g. [onCall]')
    .max(50, 'too long: at most 50 levels')
    .optional(),
  leadership: names.optional(),
  channel: channel.optional(),
  hours: officeHours.optional(),
  holidays: holidays.optional(),
  timeZone: timeZone.optional(),
});

export const service = strict({
  team: id.optional(),
  owner: text(100).optional(),
  runbook: link.optional(),
  dashboard: link.optional(),
  component: text(100).optional(),
  pagerduty: text(100).optional(),
});
