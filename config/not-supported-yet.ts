/** What the file sets and this version does not act on: one line each, only for what is really there. */
import { USABLE_CONTACTS, type ContactKind } from '../providers/vendors.ts';
import { type ConfigDraft } from './draft.ts';

/** Whole sections, with what happens instead. */
const SECTIONS = {
  schedules: 'rotations come later; name people in onCall',
  queries: 'diagnosis does not run yet',
  actions: 'no action can be run yet',
  patterns: 'no quick fix is proposed yet',
  checks: 'the watch relies on the alerts alone',
} as const;

export function notSupportedYet(draft: ConfigDraft): readonly string[] {
  const { otherSections } = draft;
  const sections = Object.entries(SECTIONS).flatMap(([key, instead]) =>
    otherSections[key as keyof typeof SECTIONS] === undefined ? [] : [`${key}: ${instead}`],
  );
  return [...sections, ...parts(otherSections), ...people(draft)];
}

/** Parts of sections that are acted on otherwise. `false`: not set. */
function parts({ paging, chat, tickets }: ConfigDraft['otherSections']): readonly string[] {
  const bundling = typeof paging?.bundleAfter === 'number';
  const lines = [
    bundling && 'paging.bundleAfter: pages to one person are not bundled yet; each comes by itself',
    chat?.slack?.signingSecret && 'chat.slack.signingSecret: nothing is taken from Slack yet; it is only written to',
    tickets?.jira && 'tickets.jira: no ticket is opened yet',
  ];
  return lines.filter((line) => typeof line === 'string');
}

function people({ people: known }: ConfigDraft): readonly string[] {
  return [...known].flatMap(([id, person]) => {
    const kinds = (person?.contact ?? []).flatMap((contact) => Object.keys(contact) as ContactKind[]);
    const unused = [...new Set(kinds.filter((kind) => !USABLE_CONTACTS.has(kind)))];
    return unused.length === 0 ? [] : [`people.${id}.contact: ${unused.join(', ')} cannot be used yet`];
  });
}
