/** Ways of reaching somebody, as people, stakeholders and the last resort have them: the `contact` of each. */
import { z } from 'zod';
import { contactTargets, placeOfKind, stakeholderContactTargets, type ContactKind } from '../../providers/vendors.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import { oneOrMany, strict } from '../../runtime/setting-schemas.ts';
import type { Report } from '../config.ts';
import type { ConfigDraft } from '../draft.ts';
import type { Path } from '../problems.ts';

export interface ContactSetting<Kind extends string = ContactKind> {
  readonly kind: Kind;
  /** URL of a webhook, address of a mail …; empty for the terminal. */
  readonly target: string;
}

/** A mapping with exactly one of `kinds`. */
function contactOf<Kind extends string>(
  kinds: Readonly<Record<Kind, z.ZodType<string | true | undefined>>>,
  example: string,
): z.ZodType<ContactSetting<Kind>> {
  return strict(kinds)
    .refine((given) => Object.keys(given).length === 1, {
      error: `a contact names exactly one way, e.g. ${example}`,
      when: ({ issues }) => issues.length === 0,
    })
    .transform((given) => {
      const [[kind, target] = []] = Object.entries(given);
      return { kind: kind as Kind, target: target === true ? '' : String(target) };
    });
}

export const contacts = oneOrMany(
  z.union(
    [
      z.literal('terminal', { error: 'expected terminal' }).transform((kind): ContactSetting => ({ kind, target: '' })),
      contactOf(contactTargets, '{ webhook: "https://…" }'),
    ],
    { error: 'expected a contact such as { webhook: "https://…" }' },
  ),
  'expected a list of contacts such as [{ webhook: "https://…" }]',
);

export const stakeholderContacts = oneOrMany(
  contactOf(stakeholderContactTargets, '{ email: support@example.com }'),
  'expected a list of contacts such as [{ email: support@example.com }]',
);

const UNUSABLE = 'this contact would reach nobody';

/** The provider of each is configured. `at`: whose `contact` it is. A section that is broken has its own finding already. */
export function checkContacts(given: readonly ContactSetting[], draft: ConfigDraft, report: Report, at: Path): void {
  given.forEach(({ kind, target }, index) => {
    const path = [...at, 'contact', index, kind];
    if (kind === 'pagerduty') return checkPagerdutyService(target, UNUSABLE, draft, report, path);
    const place = placeOfKind(kind);
    if (place === null || draft.isBroken(place.section) || draft.vendors[place.name] !== null) return;
    report(path, `${UNUSABLE}: configure ${place.example}, or remove it`);
  });
}

/** `consequence`: what happens without it. */
export function checkPagerdutyService(
  name: string,
  consequence: string,
  { vendors, isBroken }: ConfigDraft,
  report: Report,
  path: Path,
): void {
  const known = [...(vendors.pagerduty?.services.keys() ?? [])];
  if (known.includes(name) || isBroken('pagerduty')) return;
  const remedy =
    known.length === 0 ? `configure pagerduty: { services: { ${name}: { routingKey: … } } }` : didYouMean(name, known);
  report(path, `${consequence}, pagerduty.services has no "${name}": ${remedy}`);
}
