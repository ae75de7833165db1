/** Stakeholders: each has a name of its own, is of teams and services that exist, and can be written to. */
import { type ConfigDraft } from '../draft.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Finding, type Path } from '../config-problems.ts';
import { checkContacts } from './voices.ts';

export function checkStakeholders(draft: ConfigDraft): readonly Finding[] {
  const stakeholders = draft.otherSections.stakeholders ?? [];
  const names = stakeholders.map(({ name }) => name);
  return stakeholders.flatMap(({ name, contact, audience, teams, services, restricted }, i): readonly Finding[] => {
    const at: Path = ['stakeholders', i];
    return [
      ...(names.indexOf(name) < i
        ? [{ path: [...at, 'name'], message: `another stakeholder is called "${name}": give each a name of its own` }]
        : []),
      ...(audience === 'external' && restricted === true
        ? [{ path: [...at, 'restricted'], message: 'nothing of a restricted incident goes outside: remove it' }]
        : []),
      ...checkContacts(draft, at, contact),
      ...unknownOf(draft.teams, teams, [...at, 'teams'], 'team'),
      ...unknownOf(draft.services, services, [...at, 'services'], 'service'),
    ];
  });
}

function unknownOf(
  defined: ReadonlyMap<string, unknown>,
  names: readonly string[] = [],
  path: Path,
  what: string,
): readonly Finding[] {
  return names
    .filter((name) => !defined.has(name))
    .map((name) => ({ path, message: `no ${what} is called "${name}": ${didYouMean(name, [...defined.keys()])}` }));
}
