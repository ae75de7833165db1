/**
 * Turns a message into words: those of the configuration where it has any, else the message's own. Times in the
 * organization's zone with its abbreviation, people by their names. Never throws: a template that cannot be used leaves
 * the message its own words.
 */
import type { Fields, Wordable } from '../domain/orders.ts';
import type { TemplateName } from '../domain/templates.ts';
import { placeholdersOf } from '../domain/templates.ts';
import type { Text, TextPart } from '../domain/text.ts';
import { clip } from '../domain/text.ts';
import { clockTime, dateOf } from '../schedules/clock-time.ts';
import { stakeholderUpdateText } from './stakeholder-update-text.ts';
import type { Ports } from './ports.ts';
import { renderTemplate } from './render.ts';

export type Speech = Pick<Ports, 'directory' | 'timeZone' | 'wording'> & {
  readonly links: Pick<Ports['links'], 'incident'>;
};

/** A message as an order or the record has it. */
export interface Sayable extends Wordable {
  readonly text: Text;
}

const MESSAGE_LIMIT = 10_000;

/** `workflowId`: of the incident it is about. */
export function inWords({ text, template, fields, draft }: Sayable, speech: Speech, workflowId: string): string {
  const own = text.map((part) => partInWords(part, speech)).join('');
  const words = template === undefined ? own : (fromTemplate(template, fields, speech, workflowId, own) ?? own);
  if (draft === undefined) return words;
  const { subject, text: drafted } = stakeholderUpdateText(
    draft.template,
    valuesOf(draft, speech, workflowId),
    speech.wording,
  );
  return `${words}\n\nSubject: ${subject}\n\n${drafted}`;
}

/** The announcement in the releases channel, in words of the configuration; null: it has none. */
export function announcementOf({ fields }: Wordable, speech: Speech, workflowId: string): string | null {
  return fields === undefined ? null : fromTemplate('announcement', fields, speech, workflowId, '');
}

/** What the placeholders of a template stand for, in words: those that it may use, and no others. */
export function valuesOf(
  { template, fields }: { readonly template: TemplateName; readonly fields?: Fields },
  speech: Speech,
  workflowId: string,
): Readonly<Record<string, string>> {
  const { organization, statusPage } = speech.wording;
  const allowed = placeholdersOf(template);
  const all = {
    ...Object.fromEntries(Object.entries(fields ?? {}).map(([name, part]) => [name, partInWords(part, speech)])),
    ...{ organization, statusPage: statusPage ?? '', url: speech.links.incident(workflowId) },
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => allowed.includes(name)));
}

/** Null when there is no such template (any more), it fails, or nothing is left of it. */
function fromTemplate(
  template: TemplateName,
  fields: Fields | undefined,
  speech: Speech,
  workflowId: string,
  own: string,
): string | null {
  const written = speech.wording.templates.get(template);
  if (written === undefined || fields === undefined) return null;
  try {
    const rendered = renderTemplate(written, { ...valuesOf({ template, fields }, speech, workflowId), default: own });
    const words = clip(rendered.trim(), MESSAGE_LIMIT);
    if (words === '') return null;
    return fields['test'] === undefined || /\bTEST\b/.test(words) ? words : `[TEST] ${words}`;
  } catch (err) {
    speech.wording.warn(template, err);
    return null;
  }
}

function partInWords(part: TextPart, { directory, timeZone }: Speech): string {
  if (typeof part === 'string') return part;
  if ('person' in part) return directory.displayName(part.person);
  return `${part.day ? `${dateOf(part.at, timeZone)} ` : ''}${clockTime(part.at, timeZone)}`;
}
