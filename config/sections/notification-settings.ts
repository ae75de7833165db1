/** Chat, status page, tickets and whatever else a vendor serves; the vendors' own parts come from their folders. */
import { z } from 'zod';
import { ownVendorSections, vendorSections } from '../../providers/vendors.ts';
import { flag, link, strict } from '../schema/primitives.ts';

export const notificationSettings = {
  chat: strict(vendorSections('chat')).optional(),
  statusPage: strict({
    builtin: flag.optional(),
    url: link.optional(),
    first: z.enum(['confirmed', 'auto'], { error: 'expected confirmed or auto' }).optional(),
    ...vendorSections('statusPage'),
  }).optional(),
  tickets: strict({
    files: flag.optional(),
    ...vendorSections('tickets'),
    jira: z.record(z.string(), z.unknown(), { error: 'expected a mapping' }).optional(),
  }).optional(),
  ...ownVendorSections(),
};
