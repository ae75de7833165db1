/** Heartbeats and the last resort: their team and service exist, they prove who beats, and somebody is reached. */
import { USABLE_CONTACTS, type ContactKind } from '../../providers/vendors.ts';
import { type ConfigDraft } from '../draft.ts';
import { isLoopback } from '../environment.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Finding } from '../config-problems.ts';
import { type ContactInput, type HeartbeatsInput } from '../schema/config-file.ts';
import { type ProcessEnv } from '../substitute.ts';
import { checkContacts } from './voices.ts';

/** `env.HOST` is where the server listens; unset means loopback. */
export function checkHeartbeatsAndLastResort(draft: ConfigDraft, env: ProcessEnv): readonly Finding[] {
  const { heartbeats = {}, lastResort } = draft.otherSections;
  return [
    ...Object.entries(heartbeats).flatMap(([name, heartbeat]) => checkHeartbeat(draft, env, name, heartbeat)),
    ...(lastResort === undefined || lastResort === 'off' ? [] : checkLastResort(draft, lastResort.contact)),
  ];
}

function checkHeartbeat(
  { teams, services, otherSections: { sources }, isBroken }: ConfigDraft,
  { HOST }: ProcessEnv,
  name: string,
  { team, service, token }: NonNullable<HeartbeatsInput>[string],
): readonly Finding[] {
  const at = ['heartbeats', name];
  const findings: Finding[] = [];
  if (team !== undefined && !teams.has(team)) {
    const message = `no team is called "${team}": ${didYouMean(team, [...teams.keys()])}`;
    findings.push({ path: [...at, 'team'], message });
  }
  if (service !== undefined && !services.has(service)) {
    const message = `nothing under services is called "${service}": ${didYouMean(service, [...services.keys()])}`;
    findings.push({ path: [...at, 'service'], message });
  }
  if (token === 'none' && !isLoopback(HOST || '127.0.0.1')) {
    const message = `"none" is allowed on loopback only, and HOST is ${HOST ?? ''}: set a token`;
    findings.push({ path: [...at, 'token'], message });
  }
  const isDoubtful = isBroken(['sources']) || isBroken(at);
  if (token === undefined && Object.keys(sources ?? {}).length === 0 && !isDoubtful) {
    findings.push({ path: at, message: 'nobody could beat: set a token here, or configure a source with one' });
  }
  return findings;
}

function checkLastResort(draft: ConfigDraft, contact: readonly ContactInput[] = []): readonly Finding[] {
  const unused = contact.flatMap((way, index): readonly Finding[] => {
    const kind = Object.keys(way).find((key) => !USABLE_CONTACTS.has(key as ContactKind));
    const message = `${kind ?? ''} cannot be used yet: name one of ${[...USABLE_CONTACTS].join(', ')}`;
    return kind === undefined ? [] : [{ path: ['lastResort', 'contact', index], message }];
  });
  return [...unused, ...checkContacts(draft, ['lastResort'], contact)];
}
