/** What explanations hold, as schemas: loose, since they say more with every version. */
import { z } from 'zod';
import { SEVERITIES } from '../../../domain/kernel/severity.ts';

const text = z.string();
const time = z.iso.datetime().describe('RFC 3339, in UTC');
const count = z.int().min(0);
const severity = z.enum(SEVERITIES);
const textMap = z.record(text, text);

const routing = z.looseObject({
  route: count.describe('place in `routes`, from 0'),
  match: textMap,
  team: text,
  skippedRoutes: z.array(z.looseObject({ route: count, label: text, pattern: text, value: text.nullable() })),
  severity: z.looseObject({
    label: text.nullable(),
    severity: severity.nullable(),
    guessed: z.boolean(),
    because: z.enum(['map', 'label', 'lifted', 'route', 'guessed', 'none']),
    cappedFrom: severity.nullable(),
  }),
});

const alert = z.looseObject({
  title: text,
  labels: textMap,
  fingerprint: text,
  status: z.enum(['firing', 'resolved']),
  startsAt: time,
  startGuessed: z.boolean(),
  endsAt: time.nullable(),
  repaired: z.array(text),
  ignored: text.nullable(),
  routing: routing.nullable(),
  identity: z
    .looseObject({
      workflowId: text,
      by: z.enum(['group', 'group-labels', 'labels', 'alert-labels']),
      key: text,
      team: text,
    })
    .nullable(),
});

const plannedPage = z.looseObject({
  afterMs: count,
  at: time,
  reason: text,
  level: count.describe('0: beside the chain'),
  people: z.array(z.looseObject({ person: text, name: text, methods: z.array(text), quiet: z.boolean() })),
  quietUntil: time.nullable().describe('Nobody of them may be disturbed before this: quiet methods only'),
  skipped: z.array(z.looseObject({ name: text, why: text })),
});

const routed = z.looseObject({
  workflowId: text,
  url: z.url(),
  title: text,
  team: text,
  service: text.nullable(),
  severity,
  now: z.looseObject({ state: z.enum(['none', 'unknown', 'open', 'over']) }),
  effect: text,
  suppressed: z.looseObject({ windows: z.array(text), until: time }).nullable(),
  storm: text.nullable(),
  paging: z.looseObject({ policy: text, pages: z.array(plannedPage), then: text }).nullable(),
});

export const payloadExplainedSchema = z.looseObject({
  source: text,
  alerts: z.array(alert),
  alertCount: count,
  incidents: z.array(routed),
  incidentCount: count,
  truncated: count,
  ignored: count,
  unreadable: count,
});

const timelineEntry = z.looseObject({ seq: count, at: time, kind: text, by: text.nullable(), text });

export const incidentExplainedSchema = z.looseObject({
  id: text,
  reference: text.nullable(),
  workflowId: text,
  title: text,
  phase: text,
  source: text,
  identity: text,
  severity: z.looseObject({ now: severity, highest: severity, guessed: z.boolean(), entries: z.array(timelineEntry) }),
  policy: z.looseObject({ digest: text, today: text.nullable(), differs: z.array(text) }).nullable(),
  paged: z.array(
    z.looseObject({
      at: time,
      to: text,
      method: text,
      key: text,
      state: z.enum(['accepted', 'failed']),
      kind: z.enum(['page', 'notification', 'fallback', 'other']),
      why: text,
    }),
  ),
  next: z.array(z.looseObject({ kind: text, at: time, text })),
  paging: z.looseObject({ state: text, waiting: z.array(z.looseObject({})) }).nullable(),
  nobodyElse: text,
});
