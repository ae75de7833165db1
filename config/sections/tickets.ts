/** `tickets`: where the follow-ups of an incident are tracked. */
import { z } from 'zod';
import { vendorSections } from '../../providers/vendors.ts';
import { flag, orNull, strict } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';

const tickets = strict({
  /** One in the state directory for every incident. */
  files: flag.default(true),
  ...vendorSections('tickets'),
  jira: orNull(z.record(z.string(), z.unknown(), { error: 'expected a mapping' })),
});

export const ticketsSection: Section<z.output<typeof tickets>> = {
  schema: tickets.prefault({}),
  notSupportedYet: ({ jira }) => (jira === null ? [] : ['tickets.jira: no ticket is opened yet']),
};
