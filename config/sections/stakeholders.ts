/** `stakeholders`: those who get stakeholder updates and are never paged. */
import { z } from 'zod';
import type { Severity } from '../../domain/kernel/severity.ts';
import type { StakeholderUpdateAudience } from '../../domain/kernel/policy.ts';
import type { StakeholderContactKind } from '../../providers/vendors.ts';
import { didYouMean } from '../../runtime/did-you-mean.ts';
import { flag, id, oneOrMany, orNull, strict, text } from '../../runtime/setting-schemas.ts';
import type { Report, Section } from '../config.ts';
import type { ConfigDraft } from '../draft.ts';
import { severity } from '../primitives.ts';
import { checkContacts, stakeholderContacts, type ContactSetting } from './contacts.ts';

export interface Stakeholder {
  readonly name: string;
  readonly contacts: readonly ContactSetting<StakeholderContactKind>[];
  readonly audience: StakeholderUpdateAudience;
  readonly severities: readonly Severity[];
  /** Null: all. */
  readonly teams: readonly string[] | null;
  readonly services: readonly string[] | null;
  /** Also gets updates of restricted incidents. */
  readonly restricted: boolean;
}

const stakeholder = strict({
  name: id,
  contact: stakeholderContacts,
  audience: z.enum(['internal', 'external'], { error: 'expected internal or external' }).default('internal'),
  severities: oneOrMany(severity, 'expected a severity or a list of them').prefault(['SEV1', 'SEV2']),
  teams: orNull(oneOrMany(id, 'expected a team or a list of them')),
  services: orNull(oneOrMany(text(200), 'expected a service or a list of them')),
  restricted: flag.default(false),
}).transform(({ contact, ...rest }): Stakeholder => ({ ...rest, contacts: contact }));

export const stakeholdersSection: Section<ReadonlyMap<string, Stakeholder>, readonly Stakeholder[]> = {
  schema: z
    .array(stakeholder, {
      error: 'expected a list of stakeholders, e.g. - { name: support, contact: [{ email: support@example.com }] }',
    })
    .max(50, 'at most 50: write to a mailing list')
    .default([]),
  complete(stakeholders, draft, report) {
    stakeholders.forEach(({ name, contacts, audience, teams, services, restricted }, i) => {
      if (stakeholders.findIndex((other) => other.name === name) < i) {
        report([i, 'name'], `another stakeholder is called "${name}": give each a name of its own`);
      }
      if (audience === 'external' && restricted) {
        report([i, 'restricted'], 'nothing of a restricted incident goes outside: remove it');
      }
      checkContacts(contacts, draft, report, [i]);
      checkDefined('team', teams, draft.namesIn('teams'), (message) => report([i, 'teams'], message));
      checkDefined('service', services, draft.namesIn('services'), (message) => report([i, 'services'], message));
    });
    return new Map(stakeholders.map((each) => [each.name, each]));
  },
};

function checkDefined(
  what: string,
  names: readonly string[] | null,
  defined: ReturnType<ConfigDraft['namesIn']>,
  say: (message: Parameters<Report>[1]) => void,
): void {
  const unknown = (names ?? []).filter((name) => !defined.has(name));
  for (const name of unknown) say(`no ${what} is called "${name}": ${didYouMean(name, [...defined])}`);
}
