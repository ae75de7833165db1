/** Legal, but somebody will be sorry at 3 a.m. */
import { PHONE_GRADE } from '../providers/contact-settings.ts';
import { ON_CALL } from './checks/people.ts';
import { type Config } from './config.ts';
import { isLoopback } from './environment.ts';

type Judged = Omit<Config, 'warnings' | 'notYet'>;

/** `inline`: secrets written in the file, as paths. Empty for the sample organization, which is not meant to last. */
export function warningsOf(config: Judged, inline: readonly string[]): readonly string[] {
  const written = inline.map(
    (path) => `${path}: a secret in the file itself; write "\${NAME}" or "\${file:/run/secrets/name}" instead`,
  );
  return [...written, ...quietPeople(config), ...emptyLevels(config), ...loopback(config), ...deaf(config)];
}

function quietPeople(config: Judged): readonly string[] {
  const names = [...config.teams.values()].flatMap((team) => [
    ...team.onCall,
    ...team.escalation.flat(),
    ...(team.leadership.length > 0 ? team.leadership : config.organization.leadership),
  ]);
  const quiet = [...new Set(names)].filter(
    (name) => name !== ON_CALL && !config.people.get(name)?.contacts.some(({ kind }) => PHONE_GRADE.has(kind)),
  );
  if (quiet.length === 0) return [];
  const kinds = [...PHONE_GRADE].join(', ');
  return [`people: paged for a SEV1 without a phone-grade method (${kinds}): ${quiet.join(', ')}`];
}

/** A level in between that reaches nobody is passed at once; the check refuses only the first and the last. */
function emptyLevels(config: Judged): readonly string[] {
  return [...config.teams.values()].flatMap(({ id, escalation, onCall }) =>
    escalation.flatMap((level, index) => {
      const people = level.flatMap((name) => (name === ON_CALL ? onCall : [name]));
      const usable = people.some((name) => (config.people.get(name)?.contacts.length ?? 0) > 0);
      return usable ? [] : [`teams.${id}.escalation[${index}]: reaches nobody, so the chain goes on at once`];
    }),
  );
}

function loopback({ publicUrl }: Judged): readonly string[] {
  if (!isLoopback(new URL(publicUrl).hostname)) return [];
  return [`publicUrl: ${publicUrl} opens on this machine only, and so do the links in pages`];
}

function deaf({ sources }: Judged): readonly string[] {
  return sources.size > 0 ? [] : ['sources: none configured, so no alert can arrive; people can still declare'];
}
