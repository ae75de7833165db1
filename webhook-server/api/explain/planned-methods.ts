/** Whom a planned page may disturb, and by which methods it comes. Pure. */
import type { Config } from '../../../config/config.ts';
import { contactMethodsOf } from '../../../config/policy.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import type { PageRequest } from '../../../domain/kernel/outbox.ts';
import { quietUntil as disturbedFrom } from '../../../domain/escalation/quiet-hours.ts';
import { QUIET_CONTACTS, type ContactKind } from '../../../providers/vendors.ts';
import { quietHoursEnd } from '../../../schedules/hours.ts';
import { nextOpening } from '../../../schedules/team-calendar.ts';

/** Until when `person` is in quiet hours, epoch ms; null: not at `at`. */
export function inQuietHours({ people }: Config, person: string, at: number): number | null {
  const found = people.get(person);
  return found?.quietHours ? quietHoursEnd(found.quietHours, found.timeZone, at) : null;
}

/** The earliest time at which the page may make noise at `person`, epoch ms; null: at once. */
export function audibleFrom(
  config: Config,
  { team, severity, test }: Incident,
  { reason }: PageRequest,
  { person, at }: { readonly person: string; readonly at: number },
): number | null {
  const calendar = config.teams.get(team)?.calendar;
  const quietTimes = {
    teamFrom: (then: number) => (calendar?.hours ? nextOpening(calendar, then) : then),
    quietUntil: (then: number) => inQuietHours(config, person, then),
  };
  return disturbedFrom({ severity, reason, test }, quietTimes, at);
}

/** The methods of `person` that a page uses: those of its attempt in the notification rules, or all quiet ones. */
export function methodsFor(
  config: Config,
  person: string,
  { method }: PageRequest,
  isHeld: boolean,
): readonly string[] {
  const methods = contactMethodsOf(config, person);
  if (isHeld) return methods.filter((name) => QUIET_CONTACTS.has(name.replace(/-\d+$/, '') as ContactKind));
  return method === 'all' ? methods : methods.slice(method, method + 1);
}
