/** What happens after an incident: who is told to keep evidence of it. */
import { z } from 'zod';
import { id, link, oneOrMany, severity, strict, text, token } from '../schema/primitives.ts';

const hook = strict({
  name: id,
  webhook: link.refine((url) => URL.canParse(url), 'this is not an address that can be called'),
  token: token.optional(),
  services: oneOrMany(text(200), 'name a service or a list of services').optional(),
  severities: oneOrMany(severity, 'name a severity or a list of them, e.g. [SEV1, SEV2]').optional(),
});

export const postIncident = {
  evidence: z
    .array(hook, { error: 'expected a list of hooks, e.g. - { name: logs, webhook: "https://…" }' })
    .max(20, 'at most 20')
    .optional(),
};
