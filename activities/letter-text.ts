/** A letter in words: subject and text, by the configuration's template or the built-in one. */
import type { LetterTemplate } from '../domain/templates.ts';
import { clip } from '../domain/text.ts';
import { LETTERS } from './default-letters.ts';
import type { Ports } from './ports.ts';
import { renderTemplate } from './render.ts';

export interface LetterText {
  /** One line. */
  readonly subject: string;
  readonly text: string;
}

const SUBJECT_LIMIT = 200;
const TEXT_LIMIT = 20_000;

/** Never throws: a template that cannot be used gives way to the built-in one. */
export function letterText(
  template: LetterTemplate,
  values: Readonly<Record<string, string>>,
  { templates, warn }: Ports['wording'],
): LetterText {
  const written = templates.get(template);
  try {
    const letter = written === undefined ? null : read(renderTemplate(written, values));
    if (letter !== null) return letter;
  } catch (err) {
    warn(template, err);
  }
  return read(renderTemplate(LETTERS[template], values)) ?? { subject: 'Incident', text: '' };
}

/** `Subject: …`, a blank line, the text; null when it is not that. Sections that are left out leave no gaps. */
function read(rendered: string): LetterText | null {
  const [, subject = '', text = ''] = /^\s*Subject:[ \t]*(\S[^\n]*)\n([^]*)$/.exec(rendered) ?? [];
  const body = text.replaceAll(/\n{3,}/g, '\n\n').trim();
  if (subject === '' || body === '') return null;
  return { subject: clip(subject.trim(), SUBJECT_LIMIT), text: clip(body, TEXT_LIMIT) };
}
