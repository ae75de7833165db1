/** `chat`: where incidents are talked about. */
import type { z } from 'zod';
import { vendorSections } from '../../providers/vendors.ts';
import { strict } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';

const chat = strict(vendorSections('chat'));

export const chatSection: Section<z.output<typeof chat>> = {
  schema: chat.prefault({}),
  notSupportedYet: ({ slack }) =>
    slack?.signingSecret ? ['chat.slack.signingSecret: nothing is taken from Slack yet; it is only written to'] : [],
};
