/**
 * Renders a template: Mustache without partials, lambdas or escaping. Values are plain text, never read as templates.
 */
import Mustache from 'mustache';

/** For the whole result, UTF-16 units. */
const RENDERED_LIMIT = 1_000_000;

/** Throws when the template cannot be read. A placeholder without a value is empty. */
export function renderTemplate(template: string, values: Readonly<Record<string, string>>): string {
  // Mustache looks into prototypes, which contain functions.
  const view = Object.assign(Object.create(null) as Record<string, string>, values);
  const rendered = Mustache.render(template, view, undefined, { escape: String, tags: ['{{', '}}'] });
  return rendered.slice(0, RENDERED_LIMIT).toWellFormed();
}
