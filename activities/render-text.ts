/**
 * Turns a message into words: those of the configuration where it has any, else the message's own. Times in the
 * organization's zone with its abbreviation, people by their names. Never throws: a template that cannot be used leaves
 * the message its own words.
 */
import type { TextValues, TemplatedText } from '../domain/kernel/outbox.ts';
import type { TemplateName } from '../domain/kernel/templates.ts';
import { placeholdersOf } from '../domain/kernel/templates.ts';
import type { Text, TextPart } from '../domain/kernel/text.ts';
import { truncate } from '../domain/kernel/text.ts';
import { formatClockTime, formatDate } from '../schedules/format-time.ts';
import { stakeholderUpdateText } from './stakeholder-update-text.ts';
import type { Ports } from './ports.ts';
import { renderTemplate } from './render-template.ts';

export type TextContext = Pick<Ports, 'directory' | 'timeZone' | 'textSettings'> & {
  readonly links: Pick<Ports['links'], 'incident'>;
};

/** A message as an order or the record has it. */
export interface RenderableMessage extends TemplatedText {
  readonly text: Text;
}

const MESSAGE_LIMIT = 10_000;

/** `workflowId`: of the incident it is about. */
export function renderText(
  { text, template, textValues, draft }: RenderableMessage,
  context: TextContext,
  workflowId: string,
): string {
  const builtInText = text.map((part) => renderTextPart(part, context)).join('');
  const renderedText =
    template === undefined
      ? builtInText
      : (renderFromTemplate(template, textValues, context, workflowId, builtInText) ?? builtInText);
  if (draft === undefined) return renderedText;
  const { subject, text: drafted } = stakeholderUpdateText(
    draft.template,
    templateValuesOf(draft, context, workflowId),
    context.textSettings,
  );
  return `${renderedText}\n\nSubject: ${subject}\n\n${drafted}`;
}

/** The announcement in the releases channel, in words of the configuration; null: it has none. */
export function renderAnnouncement(
  { textValues }: TemplatedText,
  context: TextContext,
  workflowId: string,
): string | null {
  return textValues === undefined ? null : renderFromTemplate('announcement', textValues, context, workflowId, '');
}

/** What the placeholders of a template stand for, in words: those that it may use, and no others. */
export function templateValuesOf(
  { template, textValues }: { readonly template: TemplateName; readonly textValues?: TextValues },
  context: TextContext,
  workflowId: string,
): Readonly<Record<string, string>> {
  const { organization, statusPage } = context.textSettings;
  const allowed = placeholdersOf(template);
  const all = {
    ...Object.fromEntries(
      Object.entries(textValues ?? {}).map(([name, part]) => [name, renderTextPart(part, context)]),
    ),
    ...{ organization, statusPage: statusPage ?? '', url: context.links.incident(workflowId) },
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => allowed.includes(name)));
}

/** Null when there is no such template (any more), it fails, or nothing is left of it. */
function renderFromTemplate(
  template: TemplateName,
  textValues: TextValues | undefined,
  context: TextContext,
  workflowId: string,
  builtInText: string,
): string | null {
  const written = context.textSettings.templates.get(template);
  if (written === undefined || textValues === undefined) return null;
  try {
    const rendered = renderTemplate(written, {
      ...templateValuesOf({ template, textValues }, context, workflowId),
      default: builtInText,
    });
    const renderedText = truncate(rendered.trim(), MESSAGE_LIMIT);
    if (renderedText === '') return null;
    return textValues['test'] === undefined || /\bTEST\b/.test(renderedText) ? renderedText : `[TEST] ${renderedText}`;
  } catch (err) {
    context.textSettings.warn(template, err);
    return null;
  }
}

function renderTextPart(part: TextPart, { directory, timeZone }: TextContext): string {
  if (typeof part === 'string') return part;
  if ('person' in part) return directory.displayName(part.person);
  return `${part.day ? `${formatDate(part.at, timeZone)} ` : ''}${formatClockTime(part.at, timeZone)}`;
}
