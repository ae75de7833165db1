/**
 * The entries of the public page. The public hears only what was written for it: fixed wording about a component, or
 * a person's own text; never an alert's. Pure.
 */
import { mayGoPublic, PUBLIC_HOLDING_LIMIT, updateDueAt } from './update-schedule.ts';
import type { PublicState } from '../kernel/commands.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import type { PublicPageEntry } from '../kernel/outbox.ts';
import type { Phase } from '../kernel/phase.ts';

/** The public word for a phase. */
export const PUBLIC_STATE_OF_PHASE: Readonly<Record<Phase, PublicState>> = {
  declared: 'Investigating',
  investigating: 'Investigating',
  mitigating: 'Identified',
  monitoring: 'Monitoring',
  resolved: 'Resolved',
  closed: 'Resolved',
};

/** The entry for the public page; null when the public need not hear, or must not. */
export function publicEntryFor(
  before: Incident,
  after: Incident,
  event: IncidentEvent,
): Pick<PublicPageEntry, 'state' | 'text' | 'nextUpdateAt'> | null {
  if (!mayGoPublic(after) || after.communications.publicSchedule === null) return null;
  const state = after.communications.publicState ?? PUBLIC_STATE_OF_PHASE[after.phase];
  const nextUpdateAt = updateDueAt(after, 'public');
  const entry = (text: string) => ({ state, text, nextUpdateAt });
  const what = after.component ?? 'our services';
  switch (event.type) {
    case 'public-communication-started':
      return entry(`We are investigating a problem with ${what}.`);
    case 'update-posted':
      return event.audience === 'public' ? entry(event.text) : null;
    case 'update-missed': {
      const spoke =
        event.audiences.includes('public') &&
        (before.communications.publicSchedule?.holdingUpdates ?? 0) < PUBLIC_HOLDING_LIMIT;
      const doing = after.phase === 'monitoring' ? `watching the fix for` : 'working on the problem with';
      return spoke ? entry(`We are still ${doing} ${what}.`) : null;
    }
    case 'mitigation-decided':
      return before.phase === after.phase
        ? null
        : entry(`We know what causes the problem with ${what} and are fixing it.`);
    case 'monitoring-started':
      return entry(`A fix for ${what} is in place. We are watching it.`);
    case 'recurred':
    case 'reopened':
      return entry(`The problem with ${what} is back. We are working on it.`);
    case 'resolved':
      return entry(`The problem with ${what} is resolved.`);
    case 'merged':
      return entry(mergedEntry(what, event.into.component));
    case 'false-alarm-declared':
      return entry(`This was a false alarm: ${what} had no problem.`);
    default:
      return null;
  }
}

/** The other entry is public as well (see absorb.ts), but for one that is restricted, which has no name here. */
function mergedEntry(what: string, into: string | null): string {
  return what === into || into === null
    ? `The problem with ${what} is followed as a part of another one.`
    : `The problem with ${what} is a part of the problem with ${into}, and is followed there.`;
}
