/**
 * When a page may make noise. SEV1 and SEV2 always may; what is milder waits for the team's hours and for the end of a
 * person's quiet hours, and until then uses quiet methods only.
 */
import { quietUntil as disturbedFrom } from '../domain/escalation/quiet-hours.ts';
import type { Calendars, Directory, Ports } from './ports.ts';
import type { Recipient } from './recipients.ts';
import type { PageActivityInput } from './types.ts';

interface AudibilityPorts {
  readonly calendars: Pick<Calendars, 'audibleFrom'>;
  readonly directory: Pick<Directory, 'quietUntil'>;
}

/** From when on `person` may be disturbed by a page made at `at`, epoch ms; null: now. */
export function pageQuietUntil(
  { calendars, directory }: AudibilityPorts,
  { incident, pageRequest, test }: PageActivityInput,
  person: string,
  at: number,
): number | null {
  const quietTimes = {
    teamFrom: (then: number) => calendars.audibleFrom(incident.team, then),
    quietUntil: (then: number) => directory.quietUntil(person, then),
  };
  return disturbedFrom({ severity: incident.severity, reason: pageRequest.reason, test }, quietTimes, at);
}

/** When the first of `people` may be disturbed; null when one of them may be now, or nobody can be reached anyway. */
export function audibleAtFor(
  ports: Ports,
  request: PageActivityInput,
  people: readonly Recipient[],
  at: number,
): number | null {
  const reachable = people.filter(({ person }) => ports.directory.contacts(person).length > 0);
  const times = reachable.map(({ person }) => pageQuietUntil(ports, request, person, at) ?? at);
  const first = times.length === 0 ? at : Math.min(...times);
  return first > at ? first : null;
}
