/** The public page as an Atom feed: one entry for each update, so that readers show every one. */
import { createHash } from 'node:crypto';
import { Feed } from 'feed';
import { html, htmlToText } from '../http/html.ts';
import type { ShownPublicPage } from './public-page-reader.ts';

const ENTRIES = 100;

/** `url`: of the page. */
export function statusFeed({ page, asOf }: ShownPublicPage, url: string): string {
  const entries = page.incidents
    .flatMap(({ title, updates }) => {
      // Nothing internal may be the id: what does not change is what the incident is called and when it began.
      const began = updates.at(-1)?.at ?? '';
      return updates.map((update) => ({ ...update, title, id: idOf([title, began, update.at, update.text]) }));
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
    const fields = { title: marked(`${title}: ${state}`), content: marked(text) };
    feed.addItem({ id, link: url, date: new Date(at), ...fields });
  }
  return feed.atom1();
}

const idOf = (parts: readonly string[]): string =>
  `urn:sha256:${createHash('sha256').update(JSON.stringify(parts)).digest('hex')}`;

/** The feed holds HTML. */
const marked = (text: string): string => htmlToText(html`${xml(text)}`);

/** Without what no XML may hold. */
const xml = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
