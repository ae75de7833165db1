/** Templates, and the stakeholders who get stakeholder updates. */
import { z } from 'zod';
import { stakeholderContactTargets } from '../../providers/vendors.ts';
import { TEMPLATE_NAMES } from '../../domain/kernel/templates.ts';
import { flag, id, oneOrMany, severity, strict, text } from '../schema/primitives.ts';

/** What one template may be long, characters. */
export const TEMPLATE_LIMIT = 20_000;

const template = z.union([text(TEMPLATE_LIMIT), strict({ file: text(1000) })], {
  error: 'expected a text with placeholders such as {{severity}}, or { file: words/declared.txt }',
});

const contact = strict(stakeholderContactTargets).refine((value) => Object.keys(value).length === 1, {
  error: 'a contact names exactly one way, e.g. { email: support@example.com }',
  when: ({ issues }) => issues.length === 0,
});

const stakeholder = strict({
  name: id,
  contact: oneOrMany(contact, 'expected a list of contacts such as [{ email: support@example.com }]'),
  audience: z.enum(['internal', 'external'], { error: 'expected internal or external' }).optional(),
  severities: oneOrMany(severity, 'expected a severity or a list of them').optional(),
  teams: oneOrMany(id, 'expected a team or a list of them').optional(),
  services: oneOrMany(text(200), 'expected a service or a list of them').optional(),
  restricted: flag.optional(),
});

export const templateSections = {
  templates: strict(Object.fromEntries(TEMPLATE_NAMES.map((name) => [name, template.optional()]))).optional(),
  stakeholders: z
    .array(stakeholder, {
      error: 'expected a list of stakeholders, e.g. - { name: support, contact: [{ email: support@example.com }] }',
    })
    .max(50, 'at most 50: write to a mailing list')
    .optional(),
};
