/**
 * Turns a message into words: by the configuration's template where it has one, else by the built-in text. Times in the
 * organization's zone with its abbreviation, people by their names. Never throws: a template that cannot be used gives
 * way to the built-in text.
 */
import { STAKEHOLDER_TEXTS } from '../domain/communications/stakeholder-texts.ts';
import type { TemplateName } from '../domain/communications/templates.ts';
import { placeholdersOf } from '../domain/communications/templates.ts';
import type { StakeholderUpdateTemplate, TemplatedText } from '../domain/kernel/outbox.ts';
import type { Text, TextPart, TextValues } from '../domain/kernel/text.ts';
import { truncate } from '../domain/kernel/text.ts';
import { formatClockTime, formatDate } from '../schedules/format-time.ts';
import type { Ports } from './ports.ts';
import { renderTemplate } from '../runtime/render-template.ts';

export type TextContext = Pick<Ports, 'directory' | 'timeZone' | 'textSettings'>;

/** A message as the outbox or the record has it. */
export interface RenderableMessage extends TemplatedText {
  readonly text: Text;
}

const MESSAGE_LIMIT = 10_000;

/** `url`: of the incident it is about; signed only where our own people read it. */
export function renderText(message: RenderableMessage, context: TextContext, url: string): string {
  const { template, textValues, draft } = message;
  const builtIn = renderParts(message.text, context);
  const text =
    (template === undefined ? null : renderFromTemplate(template as TemplateName, textValues, context, url, builtIn)) ??
    builtIn;
  if (draft === undefined) return text;
  const values = templateValuesOf(draft.template, draft.textValues, context, url);
  const { subject, text: drafted } = renderStakeholderUpdate(draft.template, values, context.textSettings);
  return `${text}\n\nSubject: ${subject}\n\n${drafted}`;
}

/** The announcement in the releases channel, by the configuration's template; null: it has none. */
export function renderAnnouncement({ textValues }: TemplatedText, context: TextContext, url: string): string | null {
  return renderFromTemplate('announcement', textValues, context, url, '');
}

/** What the placeholders of a template stand for, in words: those that it may use, and no others. */
export function templateValuesOf(
  template: TemplateName,
  textValues: TextValues,
  context: TextContext,
  url: string,
): Readonly<Record<string, string>> {
  const { organization, statusPage } = context.textSettings;
  const allowed = placeholdersOf(template);
  const values = Object.entries(textValues).map(([name, value]) => [name, renderParts([value].flat(), context)]);
  const all = {
    ...(Object.fromEntries(values) as Record<string, string>),
    organization,
    statusPage: statusPage ?? '',
    url,
  };
  return Object.fromEntries(Object.entries(all).filter(([name]) => allowed.includes(name)));
}

/** Null when there is no such template (any more), it fails, or nothing is left of it. */
function renderFromTemplate(
  template: TemplateName,
  textValues: TextValues | undefined,
  context: TextContext,
  url: string,
  builtIn: string,
): string | null {
  const written = context.textSettings.templates.get(template);
  if (written === undefined || textValues === undefined) return null;
  try {
    const values = templateValuesOf(template, textValues, context, url);
    const text = truncate(renderTemplate(written, { ...values, default: builtIn }).trim(), MESSAGE_LIMIT);
    if (text === '') return null;
    return textValues['test'] === undefined || /\bTEST\b/.test(text) ? text : `[TEST] ${text}`;
  } catch (err) {
    context.textSettings.warn(template, err);
    return null;
  }
}

export interface PartsContext {
  readonly directory: Pick<Ports['directory'], 'displayName'>;
  readonly timeZone: string;
}

export function renderParts(text: Text, { directory, timeZone }: PartsContext): string {
  const render = (part: TextPart): string => {
    if (typeof part === 'string') return part;
    if ('person' in part) return directory.displayName(part.person);
    return `${part.day ? `${formatDate(part.at, timeZone)} ` : ''}${formatClockTime(part.at, timeZone)}`;
  };
  return text.map(render).join('');
}

interface StakeholderUpdateText {
  /** One line. */
  readonly subject: string;
  readonly text: string;
}

const SUBJECT_LIMIT = 200;
const STAKEHOLDER_UPDATE_LIMIT = 20_000;

/** By the configuration's template or the built-in one. */
export function renderStakeholderUpdate(
  template: StakeholderUpdateTemplate,
  values: Readonly<Record<string, string>>,
  { templates, warn }: Ports['textSettings'],
): StakeholderUpdateText {
  const written = templates.get(template);
  try {
    const update = written === undefined ? null : splitSubject(renderTemplate(written, values));
    if (update !== null) return update;
  } catch (err) {
    warn(template, err);
  }
  return splitSubject(renderTemplate(STAKEHOLDER_TEXTS[template], values)) ?? { subject: 'Incident', text: '' };
}

/** `Subject: …`, a blank line, the text; null when it is not that. Sections that are left out leave no gaps. */
function splitSubject(rendered: string): StakeholderUpdateText | null {
  const [, subject = '', text = ''] = /^\s*Subject:[ \t]*(\S[^\n]*)\n([^]*)$/.exec(rendered) ?? [];
  const body = text.replaceAll(/\n{3,}/g, '\n\n').trim();
  if (subject === '' || body === '') return null;
  return { subject: truncate(subject.trim(), SUBJECT_LIMIT), text: truncate(body, STAKEHOLDER_UPDATE_LIMIT) };
}
