/**
 * What is said in a GitHub issue. Others may read the repository, so of a restricted incident nothing is told but
 * that it exists; and no text of an alert or a person acts there (inert.ts). Pure.
 */
import type { Scene, TicketEntry } from '../../activities/ports.ts';
import { clip } from '../../domain/text.ts';
import { inert } from './inert.ts';

/** GitHub takes 256. */
const TITLE_LIMIT = 250;
/** GitHub takes 65,536 characters, and what goes around the text needs some. */
const BODY_LIMIT = 60_000;

/** Says what has been written: `of` is an incident or the key of an entry. */
export const mark = (of: string): string => `<!-- tocsin:${of} -->`;

export function issueTitle({ incident, head }: Scene): string {
  if (head.restricted) return restrictedLine(incident.reference);
  const number = incident.reference === null ? '' : `${incident.reference} `;
  return clip(inert(`${number}${incident.severity}: ${incident.title}`).replaceAll(/\s+/g, ' '), TITLE_LIMIT);
}

export function issueBody(entry: TicketEntry, scene: Scene): string {
  const { incident, head } = scene;
  const marks = `${mark(incident.id)}\n${mark(entry.key)}`;
  if (head.restricted) return `${restrictedLine(incident.reference)}.\n\n${marks}`;
  const facts = [
    ['Severity', incident.severity],
    ['Team', incident.team],
    ['Service', incident.service],
    ['Started', head.detectedAt ?? head.declaredAt],
    ['Commander', head.roles.ic],
    ['Channel', head.channel],
  ].flatMap(([name, value]) => (value == null ? [] : [`- **${name}:** ${inert(clip(value, 500))}`]));
  const words = [entry.text, incident.summary].filter((text) => text.trim() !== '').map(inert);
  const body = [facts.join('\n'), ...words, `[Open in Tocsin](${incident.url})`].join('\n\n');
  return `${clip(body, BODY_LIMIT)}\n\n${marks}`;
}

export function commentBody({ key, text }: TicketEntry, { incident, head }: Scene): string {
  if (head.restricted) return `${restrictedLine(incident.reference)}.\n\n${mark(key)}`;
  const where = [incident.reference, incident.severity, incident.phase].filter((word) => word !== null).join(' · ');
  return `**${where}**\n\n${clip(inert(text), BODY_LIMIT)}\n\n${mark(key)}`;
}

const restrictedLine = (number: string | null): string =>
  `Restricted incident${number === null ? '' : ` ${number}`}, see Tocsin`;
