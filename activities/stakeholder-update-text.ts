/** A stakeholder update in words: subject and text, by the configuration's template or the built-in one. */
import type { StakeholderUpdateTemplate } from '../domain/kernel/templates.ts';
import { truncate } from '../domain/kernel/text.ts';
import { STAKEHOLDER_UPDATES } from './default-stakeholder-updates.ts';
import type { Ports } from './ports.ts';
import { renderTemplate } from './render-template.ts';

export interface StakeholderUpdateText {
  /** One line. */
  readonly subject: string;
  readonly text: string;
}

const SUBJECT_LIMIT = 200;
const TEXT_LIMIT = 20_000;

/** Never throws: a template that cannot be used gives way to the built-in one. */
export function stakeholderUpdateText(
  template: StakeholderUpdateTemplate,
  values: Readonly<Record<string, string>>,
  { templates, warn }: Ports['textSettings'],
): StakeholderUpdateText {
  const written = templates.get(template);
  try {
    const stakeholderUpdate = written === undefined ? null : read(renderTemplate(written, values));
    if (stakeholderUpdate !== null) return stakeholderUpdate;
  } catch (err) {
    warn(template, err);
  }
  return read(renderTemplate(STAKEHOLDER_UPDATES[template], values)) ?? { subject: 'Incident', text: '' };
}

/** `Subject: …`, a blank line, the text; null when it is not that. Sections that are left out leave no gaps. */
function read(rendered: string): StakeholderUpdateText | null {
  const [, subject = '', text = ''] = /^\s*Subject:[ \t]*(\S[^\n]*)\n([^]*)$/.exec(rendered) ?? [];
  const body = text.replaceAll(/\n{3,}/g, '\n\n').trim();
  if (subject === '' || body === '') return null;
  return { subject: truncate(subject.trim(), SUBJECT_LIMIT), text: truncate(body, TEXT_LIMIT) };
}
