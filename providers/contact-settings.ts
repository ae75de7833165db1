/**
 * What a person's `contact` may hold: the settings of every kind of contact, one schema a kind. A contact is a mapping
 * with exactly one of these keys, e.g. `{ webhook: "https://…" }`; `terminal` may stand alone.
 */
import { z } from 'zod';

const address = (what: string, pattern: RegExp) =>
  z
    .string({ error: `expected ${what}, in quotes` })
    .trim()
    .max(2000, 'too long')
    .regex(pattern, { error: `expected ${what}`, abort: true });

/** Kind → what its setting looks like in the file. */
export const CONTACT_SETTINGS = {
  terminal: z.literal(true, { error: 'write { terminal: true }' }),
  webhook: address('an http:// or https:// URL', /^https?:\/\/[^\s/]+/i).refine(
    (url) => URL.canParse(url),
    'this is not a URL that can be called',
  ),
  pagerduty: address('the name of a service under pagerduty.services', /\S/),
  slack: address('a Slack member id such as U024BE7LH', /^[UW][A-Z0-9]{2,20}$/),
  email: address('a mail address', /^[^\s@<>,;"]+@[^\s@<>,;"]+$/),
  sms: address('a phone number such as +4930123456', /^\+[1-9][0-9 ]{5,20}$/),
  call: address('a phone number such as +4930123456', /^\+[1-9][0-9 ]{5,20}$/),
  ntfy: address('an ntfy topic or its URL', /\S/),
} as const;

export type ContactKind = keyof typeof CONTACT_SETTINGS;

/** What a stakeholder's `contact` may hold: the ways a stakeholder update can go, which wake nobody. */
export const STAKEHOLDER_UPDATE_SETTINGS = {
  email: CONTACT_SETTINGS.email,
  slack: address(
    'a Slack channel such as "#support", or a member id such as U024BE7LH',
    /^(#?[\p{Ll}\p{Lo}\p{N}_-]{1,80}|[CGUW][A-Z0-9]{6,20})$/u,
  ).transform((name) => name.replace(/^#/, '')),
  webhook: CONTACT_SETTINGS.webhook,
} as const;

export type StakeholderUpdateKind = keyof typeof STAKEHOLDER_UPDATE_SETTINGS;

export const STAKEHOLDER_UPDATE_KINDS = Object.keys(STAKEHOLDER_UPDATE_SETTINGS) as readonly StakeholderUpdateKind[];

/**
 * The kinds that this version can page by, once their provider is configured. The others are read, checked and named
 * as not used yet.
 */
export const USABLE_CONTACTS: ReadonlySet<ContactKind> = new Set([
  'terminal',
  'webhook',
  'pagerduty',
  'slack',
  'email',
]);

/** The kinds that ring a phone: a person paged for a SEV1 should have one. */
export const PHONE_GRADE: ReadonlySet<ContactKind> = new Set(['pagerduty', 'sms', 'call', 'ntfy']);

/** The kinds that make no noise: they tell, but wake nobody. */
export const QUIET_CONTACTS: ReadonlySet<ContactKind> = new Set(['slack', 'email']);
