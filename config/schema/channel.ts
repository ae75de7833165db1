/** Names of chat channels. */
import { z } from 'zod';

const REMEDY = 'lower-case letters, digits, - and _, at most 80 characters, e.g. incidents';

/** By Slack's rule for names; a `#` before it is forgiven and removed. */
export const channel = z
  .string({ error: 'expected the name of a channel such as incidents (with a # it goes in quotes)' })
  .transform((name) => name.trim().replace(/^#/, ''))
  .refine((name) => /^[\p{Ll}\p{Lo}\p{N}_-]{1,80}$/u.test(name), `expected the name of a channel: ${REMEDY}`);
