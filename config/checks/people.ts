/** Who can be reached: every name is defined, and every chain ends at somebody this version can page. */
import { USABLE_CONTACTS, type ContactKind } from '../../providers/vendors.ts';
import { type ConfigDraft } from '../draft.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Finding, type Path } from '../config-problems.ts';
import { type TeamInput } from '../schema/config-file.ts';

/** The name that means "whatever the team's `onCall` says". */
export const ON_CALL = 'onCall';

export function checkPeople(draft: ConfigDraft): readonly Finding[] {
  const reserved = draft.people.has(ON_CALL)
    ? [
        {
          path: ['people', ON_CALL],
          message: '"onCall" means the team\'s on-call person: give this person another name',
        },
      ]
    : [];
  const { organization } = draft.otherSections;
  const leadership = organization && 'leadership' in organization ? (organization.leadership ?? []) : [];
  return [
    ...reserved,
    ...leadership.flatMap((name, i) => checkName(draft, name, ['organization', 'leadership', i], [])),
    ...[...draft.teams].flatMap(([id, team]) => (team ? checkTeam(draft, id, team) : [])),
  ];
}

function checkTeam(draft: ConfigDraft, id: string, team: TeamInput): readonly Finding[] {
  const at: Path = ['teams', id];
  const hasOnCall = team.onCall !== undefined || draft.isBroken([...at, 'onCall']);
  const hasLevels = team.escalation !== undefined || draft.isBroken([...at, 'escalation']);
  const extra = hasOnCall ? [ON_CALL] : [];
  const levels = team.escalation ?? [];
  const nobody =
    hasOnCall || hasLevels
      ? []
      : [{ path: at, message: 'nobody would be paged: name somebody in onCall or escalation' }];
  const names = [
    ...(team.onCall ?? []).flatMap((name, i) => checkName(draft, name, [...at, 'onCall', i], [])),
    ...levels.flatMap((level, i) => level.flatMap((name) => checkName(draft, name, [...at, 'escalation', i], extra))),
    ...(team.leadership ?? []).flatMap((name, i) => checkName(draft, name, [...at, 'leadership', i], extra)),
  ];
  return [...nobody, ...names, ...checkReach(draft, at, team)];
}

function checkName(draft: ConfigDraft, name: string, path: Path, also: readonly string[]): readonly Finding[] {
  if (draft.people.has(name) || also.includes(name)) return [];
  if (name === ON_CALL) return [{ path, message: 'no onCall here: name a person' }];
  if (draft.schedules.has(name)) {
    return [
      { path, message: `"${name}" is a schedule, and schedules come later: it would page nobody, name a person` },
    ];
  }
  const remedy = didYouMean(name, [...draft.people.keys(), ...also]);
  return [{ path, message: `nobody under people is called "${name}": ${remedy}` }];
}

/** The on-call and the last level must each reach somebody; a level in between may be empty-handed. */
function checkReach(draft: ConfigDraft, at: Path, team: TeamInput): readonly Finding[] {
  const reach = (names: readonly string[], path: Path, what: string): readonly Finding[] => {
    const people = names.flatMap((name) => (name === ON_CALL ? (team.onCall ?? []) : [name]));
    // An undefined name is a finding already; a broken person or list may reach somebody once mended.
    const isOnCallBroken = names.includes(ON_CALL) && draft.isBroken([...at, 'onCall']);
    const isListBroken = draft.isBroken([...at, String(path[at.length])]);
    const mayBeMended = isOnCallBroken || isListBroken || people.some((name) => isUnknownOrBroken(draft, name));
    if (people.length === 0 || mayBeMended || people.some((name) => isReachable(draft, name))) return [];
    const ways = [...USABLE_CONTACTS].join(', ').replace(/, (?=[^,]*$)/, ' or ');
    const remedy = `give ${people.join(' or ')} a contact this version can use (${ways})`;
    return [{ path, message: `${what} names nobody who can be paged: ${remedy}` }];
  };
  const last = team.escalation?.length ?? 0;
  return [
    ...reach(team.onCall ?? [], [...at, 'onCall'], 'the on-call'),
    ...reach(team.escalation?.[last - 1] ?? [], [...at, 'escalation', last - 1], 'the last level'),
  ];
}

function isUnknownOrBroken({ people, isBroken }: ConfigDraft, name: string): boolean {
  const person = people.get(name) ?? null;
  // Without a contact, any mistake of the person may be a misspelt one.
  return person === null || isBroken(['people', name, ...(person.contact === undefined ? [] : ['contact'])]);
}

function isReachable(draft: ConfigDraft, name: string): boolean {
  const contacts = draft.people.get(name)?.contact ?? [];
  return contacts.some((contact) => Object.keys(contact).some((kind) => USABLE_CONTACTS.has(kind as ContactKind)));
}
