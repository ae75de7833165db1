/** Heartbeats and the last resort: their team and service exist, they prove who beats, and somebody is reached. */
import { USABLE_CONTACTS, type ContactKind } from '../../providers/contact-settings.ts';
import { type Draft } from '../draft.ts';
import { isLoopback } from '../environment.ts';
import { nearest } from '../nearest.ts';
import { type Finding } from '../problems.ts';
import { type ContactInput, type HeartbeatsInput } from '../schema/file.ts';
import { type Environment } from '../substitute.ts';
import { checkContacts } from './voices.ts';

/** `env.HOST` is where the server listens; unset means loopback. */
export function checkWatching(draft: Draft, env: Environment): readonly Finding[] {
  const { heartbeats = {}, lastResort } = draft.rest;
  return [
    ...Object.entries(heartbeats).flatMap(([name, heartbeat]) => checkHeartbeat(draft, env, name, heartbeat)),
    ...(lastResort === undefined || lastResort === 'off' ? [] : checkLastResort(draft, lastResort.contact)),
  ];
}

function checkHeartbeat(
  { teams, services, rest: { sources }, isBroken }: Draft,
  { HOST }: Environment,
  name: string,
  { team, service, token }: NonNullable<HeartbeatsInput>[string],
): readonly Finding[] {
  const at = ['heartbeats', name];
  const findings: Finding[] = [];
  if (team !== undefined && !teams.has(team)) {
    const message = `no team is called "${team}": ${nearest(team, [...teams.keys()])}`;
    findings.push({ path: [...at, 'team'], message });
  }
  if (service !== undefined && !services.has(service)) {
    const message = `nothing under services is called "${service}": ${nearest(service, [...services.keys()])}`;
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

function checkLastResort(draft: Draft, contact: readonly ContactInput[] = []): readonly Finding[] {
  const unused = contact.flatMap((way, index): readonly Finding[] => {
    const kind = Object.keys(way).find((key) => !USABLE_CONTACTS.has(key as ContactKind));
    const message = `${kind ?? ''} cannot be used yet: name one of ${[...USABLE_CONTACTS].join(', ')}`;
    return kind === undefined ? [] : [{ path: ['lastResort', 'contact', index], message }];
  });
  return [...unused, ...checkContacts(draft, ['lastResort'], contact)];
}
