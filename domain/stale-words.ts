/** The words about alerts that nobody has heard of for too long. Pure. */
import { nameOf } from './alert-names.ts';
import type { EventOf } from './events.ts';
import type { Incident } from './incident.ts';
import { clip } from './text.ts';

const NAMES_SHOWN = 10;

/** What people can do about it: stale never counts as clear. */
export const STALE_QUESTION =
  ' Is it over? Say `resolve` and ignore it by name, or silence it there. Until then it counts as firing.';

/** "No word of A for 12 h; alertmanager no longer has it." Empty when that was said before. */
export function staleText(incident: Incident, { source, news, silentMs, answer }: EventOf<'alerts-stale'>): string {
  if (news.length === 0) return '';
  const names = news.slice(0, NAMES_SHOWN).map((fingerprint) => nameOf(incident, fingerprint));
  const more = news.length > names.length ? ` and ${news.length - names.length} more` : '';
  if (answer === 'vanished') {
    return `${source} ended ${clip(names.join(', '), 500)}${more} only because there is nothing left to measure.`;
  }
  const them = news.length === 1 ? 'it' : 'them';
  const said = answer === 'gone' ? `${source} no longer has ${them}` : `${source} could not be asked about ${them}`;
  return `No word of ${clip(names.join(', '), 500)}${more} for ${lengthOf(silentMs)}; ${said}.`;
}

function lengthOf(ms: number): string {
  const minutes = Math.max(1, Math.round(ms / 60_000));
  return minutes < 120 ? `${minutes} min` : `${Math.round(minutes / 60)} h`;
}
