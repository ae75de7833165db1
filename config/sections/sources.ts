/** Where alerts come from and where they go: sources and routes. */
import { z } from 'zod';
import { duration } from '../schema/duration.ts';
import { baseUrl, flag, id, named, severity, strict, text, token } from '../schema/primitives.ts';

const secret = text(1000);
const repeatInterval = duration.optional();
/** Where the source itself can be asked what fires there. */
const api = strict({ url: baseUrl, token: token.optional() }).optional();

/** Our field → where it is in the sender's body. */
const fieldPath = text(200).regex(/^[^.\s]+(\.[^.\s]+)*$/, 'expected a dotted path such as incident.title');
const fields = strict({
  key: fieldPath.optional(),
  status: fieldPath.optional(),
  title: fieldPath.optional(),
  severity: fieldPath.optional(),
  labels: fieldPath.optional(),
  annotations: fieldPath.optional(),
  startsAt: fieldPath.optional(),
  links: fieldPath.optional(),
});

const routingKeys = z.union([z.array(token), named(text(200), token, 'routing keys by name')], {
  error: 'expected a list of routing keys, or a mapping from names to them',
});

export const sources = strict({
  alertmanager: strict({ token, repeatInterval, api }).optional(),
  grafana: strict({
    token: token.optional(),
    hmacSecret: secret.optional(),
    timestampHeader: text(100)
      .regex(/^[A-Za-z0-9-]+$/, 'expected the name of a header')
      .optional(),
    repeatInterval,
    api,
  }).optional(),
  generic: strict({ token, fields: fields.optional(), repeatInterval }).optional(),
  pagerdutyEvents: strict({ routingKeys, repeatInterval }).optional(),
});

const label = text(200);
const pattern = z.string({ error: 'expected a text: an exact value or a glob, in quotes' }).max(500, 'too long');

/** Of an alert. */
export const match = named(label, pattern, 'labels with a value or a glob each');

export const route = strict({
  match: match.optional(),
  team: id,
  severity: z
    .union([severity, named(text(100), severity, 'severities by label')], {
      error: 'expected a severity such as SEV1, or a mapping such as { critical: SEV1, warning: SEV2 }',
    })
    .optional(),
  maxSeverity: severity.optional(),
  correlateBy: z
    .array(label, { error: 'expected a list of labels, e.g. [service]' })
    .min(1, 'must not be empty: name a label or remove the key')
    .optional(),
  restricted: flag.optional(),
});
