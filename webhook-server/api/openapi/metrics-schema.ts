/** What the numbers over many incidents, and a kept post-mortem, look like. */
import { z } from 'zod';
import { SEVERITIES } from '../../../domain/kernel/severity.ts';
import type { Metrics, MetricValues } from '../../../records/open-records.ts';

const text = z.string();
const time = z.iso.datetime().describe('RFC 3339, in UTC');
const count = z.int().min(0);
const seconds = z.number().min(0).nullable();

const spread = z
  .looseObject({ count, mean: seconds, median: seconds, p90: seconds.describe('nine of ten took no longer') })
  .describe('seconds; null when no incident has it');

const values = z.looseObject({
  incidents: count.describe('all but false alarms; tests and merged ones do not count at all'),
  outcomes: z.looseObject({ open: count, resolved: count, autoRecovered: count, falseAlarm: count }),
  mttd: spread.describe('start of the first alert to declaration'),
  mtta: spread.describe('declaration to acknowledgement; without those that recovered by themselves'),
  mttm: spread.describe('declaration to mitigation'),
  mttr: spread.describe('declaration to resolution'),
  acknowledgedInTime: z.looseObject({ count, of: count.describe('promised, and acknowledged or overdue') }),
  usersAffected: z.looseObject({ incidents: count.describe('those of which it is known'), sum: z.number() }),
  revenueLost: z.looseObject({
    incidents: count,
    sums: z.array(z.looseObject({ currency: text, amount: z.number() })),
    unread: count.describe('given, but not as an amount that can be read'),
  }),
  people: z.looseObject({ incidents: count, mean: z.number().nullable(), most: count }),
  postmortems: z.looseObject({ pending: count, done: count, late: count }),
}) satisfies z.ZodType<MetricValues>;

const rows = z.array(values.extend({ key: text }));

export const metricsSchema = z.looseObject({
  from: time.nullable(),
  to: time.nullable(),
  timeZone: text.describe('of the organization: its days and months'),
  team: text.nullable(),
  severity: z.enum(SEVERITIES).nullable(),
  totals: values,
  bySeverity: z.exactOptional(rows),
  byTeam: z.exactOptional(rows),
  byMonth: z.exactOptional(rows).describe('2026-11 …; months without any are left out'),
}) satisfies z.ZodType<Metrics>;

export const postmortemWrittenSchema = z.looseObject({
  id: text,
  reference: text.nullable(),
  workflowId: text,
  version: count,
  by: text,
  at: time,
  changed: z.boolean().describe('false: the last version has that very text'),
});
