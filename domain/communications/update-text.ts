/** What the team hears of a person's update: the short form, or with details the long one. Pure. */
import type { EventOf } from '../kernel/events.ts';
import { impactText } from '../kernel/impact.ts';
import type { Incident } from '../kernel/incident.ts';
import type { Text } from '../kernel/text.ts';

/** Without the time of the next update. */
export function updateText(after: Incident, { at, text, status, details }: EventOf<'update-posted'>): Text {
  const said = `\nStatus: ${status ?? after.phase}\n${text}`;
  if (details === undefined) return ['UPDATE [', { at }, `]${said}`];
  const lines = [
    ['Impact', details.impact ?? (after.impact === null ? undefined : impactText(after.impact))],
    ['Cause', details.cause],
    ['Actions', details.actions],
    ['Next Steps', details.nextSteps],
    ['ETA', details.eta],
  ].map(([name, value]) => (value === undefined ? '' : `\n${name}: ${value}`));
  return ['Incident Update - ', { at }, said, lines.join('')];
}
