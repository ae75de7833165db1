/**
 * The public page as HTML (plain, without script, for a telephone on a bad day; it reloads itself) and as an Atom feed
 * (one entry for each update, so that readers show every one).
 */
import { createHash } from 'node:crypto';
import { Feed } from 'feed';
import type { ComponentState } from '../../domain/communications/public-state.ts';
import { html, htmlToText, trustedHtml, type Html } from '../http/html.ts';
import type { ShownPublicPage } from './public-page-reader.ts';

export const STATUS_STYLE = `:root{color-scheme:light dark}
body{font:1rem/1.5 system-ui,sans-serif;max-width:42rem;margin:0 auto;padding:1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.3rem}h2{font-size:1.1rem;margin:1.5rem 0 .5rem}h3{font-size:1rem;margin:0}
h1,h2,h3,p,td{overflow-wrap:anywhere}
.state{padding:.75rem 1rem;border-left:.4rem solid;font-weight:600}
.operational{border-color:#1b7f3b}.degraded_performance{border-color:#a15c00}.partial_outage{border-color:#c2410c}.major_outage{border-color:#b00020}
table{width:100%;border-collapse:collapse}th,td{text-align:left;padding:.4rem 0;border-bottom:1px solid #8884;font-weight:400;vertical-align:top}td{text-align:right}
article{margin:1rem 0;padding-top:.5rem;border-top:1px solid #8884}
p{margin:.25rem 0;white-space:pre-line}
.when,footer{color:#595959;font-size:.9rem}
.stale{padding:.75rem 1rem;border:1px solid #a15c00}
@media (prefers-color-scheme:dark){body{color:#eee;background:#111}.when,footer{color:#aaa}}`;

const STATE_LABELS: Readonly<Record<ComponentState, string>> = {
  operational: 'Operational',
  degraded_performance: 'Degraded performance',
  partial_outage: 'Partial outage',
  major_outage: 'Major outage',
};

interface HtmlOptions {
  /** IANA zone in which times are shown. */
  readonly timeZone: string;
}

export function statusHtml({ page, asOf, isStale }: ShownPublicPage, { timeZone }: HtmlOptions): string {
  const format = new Intl.DateTimeFormat('en-GB', { dateStyle: 'medium', timeStyle: 'short', timeZone });
  const time = (at: string): Html => html`<time datetime="${at}">${format.format(Date.parse(at))}</time>`;
  const all = page.state === 'operational' ? 'All systems operational' : STATE_LABELS[page.state];
  const read = time(new Date(asOf).toISOString());
  const note = html`<p class="stale">This page cannot be brought up to date just now. It is shown as of ${read}.</p>`;
  const components = page.components.map(
    ({ name, state }) =>
      html`<tr>
        <th scope="row">${name}</th>
        <td>${STATE_LABELS[state]}</td>
      </tr>`,
  );
  const content = [
    html`<h1>${page.page}: status</h1>`,
    isStale ? note : html``,
    html`<p class="${`state ${page.state}`}">${all}</p>`,
    components.length === 0
      ? html``
      : html`<h2>Components</h2>
          <table>
            ${joinHtml(components)}
          </table>`,
    html`<h2>Incidents</h2>`,
    page.incidents.length === 0 ? html`<p>None in the last seven days.</p>` : html``,
    ...page.incidents.map((incident) => incidentHtml(incident, time)),
    html`<footer>
      As of ${read} (${timeZone}). <a href="/status/feed.atom">Feed</a> · <a href="/status.json">JSON</a>
    </footer>`,
  ];
  return frame(`${page.page}: ${all}`, joinHtml(content));
}

/** Shown when nothing is known, not even the last state. It must not claim that all is well. */
export const unknownHtml = (): string =>
  frame(
    'Status',
    html`<h1>The status cannot be shown just now</h1>
      <p>This page tries again by itself.</p>`,
  );

function incidentHtml(incident: ShownPublicPage['page']['incidents'][number], time: (at: string) => Html): Html {
  const { title, state, nextUpdateAt, updates } = incident;
  const next = nextUpdateAt === null ? html`` : html`<p class="when">Next update by ${time(nextUpdateAt)}</p>`;
  const updateParagraphs = updates.map(
    ({ at, state: word, text }) =>
      html`<p><b>${word}</b> · <span class="when">${time(at)}</span></p>
        <p>${text}</p>`,
  );
  return html`<article>
    <h3>${title} · ${state}</h3>
    ${next}${joinHtml(updateParagraphs)}
  </article>`;
}

const joinHtml = (parts: readonly Html[]): Html => trustedHtml(parts.map(htmlToText).join('\n'));

function frame(title: string, content: Html): string {
  // In one piece: the security policy identifies the style sheet by the hash of every character.
  const style = trustedHtml(`<style>${STATUS_STYLE}</style>`);
  const head = html`<meta charset="utf-8" /><meta name="viewport" content="width=device-width,initial-scale=1" /><title>
      ${title}</title
    >${style}`;
  return htmlToText(
    html`<!doctype html>
      <html lang="en">
        <head>
          ${head}
        </head>
        <body>
          ${content}
        </body>
      </html>`,
  );
}

const ENTRIES = 100;

/** `url`: the page's. */
export function statusFeed({ page, asOf }: ShownPublicPage, url: string): string {
  const entries = page.incidents
    .flatMap(({ title, updates }) => {
      // The feed's ids must not be internal, so they are made of what never changes: the incident's name and start.
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

/** Atom with HTML content. */
const marked = (text: string): string => htmlToText(html`${xml(text)}`);

/** Removes the characters that XML forbids. */
const xml = (text: string): string =>
  // eslint-disable-next-line no-control-regex
  text.toWellFormed().replaceAll(/[\u0000-\u0008\u000b\u000c\u000e-\u001f\ufffe\uffff]/g, '');
