/** A template for our few small pages: every value is escaped, unless it is itself `html`. */
const raw = Symbol('html');

export interface Html {
  readonly [raw]: string;
}

/** `` html`<p>${text}</p>` `` */
export function html(parts: TemplateStringsArray, ...values: readonly (string | number | Html)[]): Html {
  return { [raw]: parts.reduce((page, part, i) => page + markup(values[i - 1] ?? '') + part) };
}

export const htmlToText = (page: Html): string => page[raw];

function markup(value: string | number | Html): string {
  return typeof value === 'object' ? value[raw] : escape(String(value));
}

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

const escape = (text: string): string => text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? character);

/** Marks our own text as markup: style sheets only. Never for anything that was sent. */
export const trustedHtml = (text: string): Html => ({ [raw]: text });
