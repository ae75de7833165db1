/** The public page as an Atom feed: one entry for each update, so that readers show every one. */
import { createHash } from 'node:crypto';
import { Feed } from 'feed';
import type { ShownPublicPage } from './public-page-reader.ts';

const ENTRIES = 100;

/** `url`: the page's. */
export function statusFeed({ page, asOf }: ShownPublicPage, url: string): string {
  const entries = page.incidents
    .flatMap(({ title, updates }) => {
      // Ids must not be internal, so they are made of what stays when an update is renewed: name, start and place.
      const began = updates.at(-1)?.at ?? '';
      return updates.map((update, i) => ({ ...update, title, id: idOf([title, began, String(updates.length - i)]) }));
    })
    .toSorted((a, b) => Date.parse(b.at) - Date.parse(a.at))
    .slice(0, ENTRIES);
  const feed = new Feed({
    id: url,
    title: xml(`${page.page}: status`),
    updated: new Date(entries[0]?.at ?? asOf),
    generator: 'Tocsin',
    link: url,
    feedLinks: { atom: `${url}/feed.atom` },
    author: { name: xml(page.page) },
  });
  for (const { id, title, at, state, text } of entries) {
    const fields = { title: escaped(`${title}: ${state}`), content: escaped(text) };
    feed.addItem({ id, link: url, date: new Date(at), ...fields });
  }
  return feed.atom1();
}

const idOf = (parts: readonly string[]): string =>
  `urn:sha256:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;

const ENTITIES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Atom with HTML content. */
const escaped = (text: string): string => xml(text).replace(/[&<>]/g, (character) => ENTITIES[character] ?? '');

/** Removes the characters that XML forbids. */
const xml = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
