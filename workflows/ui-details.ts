/** The incident in Markdown, for the Temporal UI: where it stands, and what happens next and when. */
import type { Incident } from '../domain/kernel/incident.ts';
import { truncate } from '../domain/kernel/text.ts';
import { deadlines } from '../domain/engine/to-view.ts';

const DEADLINES_SHOWN = 4;
const LINES_SHOWN = 5;

export function uiDetails(incident: Incident): string {
  const { severity, title, phase, outcome, roles, team, service } = incident;
  const who = roles.ic === null ? 'nobody has it' : `IC ${roles.ic}`;
  const where = service === null ? team : `${team} / ${service}`;
  const next = deadlines(incident)
    .slice(0, DEADLINES_SHOWN)
    .map(({ at, text }) => `- ${new Date(at).toISOString().slice(0, 16)}Z ${text}`);
  const last = incident.projection.timeline
    .slice(-LINES_SHOWN)
    .map(({ at, text }) => `- ${new Date(at).toISOString().slice(11, 19)}Z ${oneLine(text)}`);
  return [
    `**${severity}** ${oneLine(title)} — ${phase}${outcome === null ? '' : ` (${outcome})`}, ${who}, ${where}`,
    ...(next.length === 0 ? [] : ['', '**Next**', ...next]),
    ...(last.length === 0 ? [] : ['', '**Last**', ...last]),
  ].join('\n');
}

/** Text from outside must not become Markdown structure. */
function oneLine(text: string): string {
  return truncate(text.replaceAll(/[\s`*_[\]<>|#]+/g, ' '), 160);
}
