/** Stakeholders of a checked draft, in the configuration's own shape. */
import { type StakeholderContactKind } from '../providers/vendors.ts';
import { type Config, type Stakeholder } from './config.ts';
import { type ConfigDraft } from './draft.ts';

export function toStakeholders({ stakeholders = [] }: ConfigDraft['otherSections']): Pick<Config, 'stakeholders'> {
  const named = stakeholders.map(
    ({ name, contact, audience, severities, teams, services, restricted }): readonly [string, Stakeholder] => [
      name,
      {
        name,
        contacts: contact.flatMap((way) =>
          Object.entries(way).map(([kind, target = '']) => ({ kind: kind as StakeholderContactKind, target })),
        ),
        audience: audience ?? 'internal',
        severities: severities ?? ['SEV1', 'SEV2'],
        teams: teams ?? null,
        services: services ?? null,
        restricted: restricted ?? false,
      },
    ],
  );
  return { stakeholders: new Map(named) };
}
