/** The words about alerts that nobody has heard of for too long. Pure. */
import { nameOf } from '../kernel/alert-names.ts';
import type { EventOf } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { truncate } from '../kernel/text.ts';

const NAMES_SHOWN = 10;

/** What people can do about it: stale never counts as clear. */
export const STALE_QUESTION =
  ' Is it over? Say `resolve` and ignore it by name, or silence it there. Until then it counts as firing.';

/** "No word of A for 12 h; alertmanager no longer has it." Empty when that was said before. */
export function staleText(
  incident: Incident,
  { source, newlyStale, unreportedMs, answer }: EventOf<'alerts-stale'>,
): string {
  if (newlyStale.length === 0) return '';
  const names = newlyStale.slice(0, NAMES_SHOWN).map((fingerprint) => nameOf(incident, fingerprint));
  const more = newlyStale.length > names.length ? ` and ${newlyStale.length - names.length} more` : '';
  if (answer === 'vanished') {
    return `${source} ended ${truncate(names.join(', '), 500)}${more} only because there is nothing left to measure.`;
  }
  const them = newlyStale.length === 1 ? 'it' : 'them';
  const said = answer === 'gone' ? `${source} no longer has ${them}` : `${source} could not be asked about ${them}`;
  return `No word of ${truncate(names.join(', '), 500)}${more} for ${lengthOf(unreportedMs)}; ${said}.`;
}

function lengthOf(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
