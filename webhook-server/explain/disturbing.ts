/** Whom a planned page may disturb, and by which methods it comes. Pure. */
import type { Config } from '../../config/config.ts';
import { methodsOf } from '../../config/methods.ts';
import type { Incident } from '../../domain/incident.ts';
import type { PageOrder } from '../../domain/orders.ts';
import { quietUntil as disturbedFrom } from '../../domain/quiet.ts';
import { QUIET_CONTACTS, type ContactKind } from '../../providers/contact-settings.ts';
import { quietUntil } from '../../schedules/quiet-hours.ts';
import { nextOpening } from '../../schedules/team-calendar.ts';

/** Until when `person` is in quiet hours, epoch ms; null: not at `at`. */
export function inQuietHours({ people }: Config, person: string, at: number): number | null {
  const found = people.get(person);
  return found?.quietHours ? quietUntil(found.quietHours, found.timeZone, at) : null;
}

/** From when on `order` may make noise at `person`, epoch ms; null: at once. */
export function loudFrom(
  config: Config,
  { team, severity, test }: Incident,
  { reason }: PageOrder,
  { person, at }: { readonly person: string; readonly at: number },
): number | null {
  const calendar = config.teams.get(team)?.calendar;
  const disturbing = {
    teamFrom: (then: number) => (calendar?.hours ? nextOpening(calendar, then) : then),
    quietUntil: (then: number) => inQuietHours(config, person, then),
  };
  return disturbedFrom({ severity, reason, test }, disturbing, at);
}

/** The methods of `person` that an order uses: its step of the notification rules, or all that make no noise. */
export function methodsFor(config: Config, person: string, { method }: PageOrder, isHeld: boolean): readonly string[] {
  const methods = methodsOf(config, person);
  if (isHeld) return methods.filter((name) => QUIET_CONTACTS.has(name.replace(/-\d+$/, '') as ContactKind));
  return method === 'all' ? methods : methods.slice(method, method + 1);
}
