/** The pages behind an acknowledge link: read on a telephone, at night, by someone just awake. No script. */
import { html, htmlToText, trustedHtml, type Html } from '../http/html.ts';

export const ACKNOWLEDGE_PAGE_STYLE = `body{font:1.1rem/1.5 system-ui,sans-serif;max-width:32rem;margin:2rem auto;padding:0 1rem;color:#1a1a1a;background:#fff}
h1{font-size:1.4rem;overflow-wrap:anywhere}
p{overflow-wrap:anywhere}
button{font:inherit;font-weight:600;width:100%;padding:1rem;border:0;border-radius:.5rem;color:#fff;background:#b00020}
@media (prefers-color-scheme:dark){body{color:#eee;background:#111}}`;

export interface AcknowledgePageIncident {
  readonly title: string;
  readonly severity: string;
  readonly phase: string;
  readonly test: boolean;
}

/** Shows and asks; only the button acts, since mail scanners and chat previews open links. Null: no worker can tell. */
export function confirmPage(incident: AcknowledgePageIncident | null): string {
  const name = incident ? `${incident.test ? 'TEST · ' : ''}${incident.severity}` : 'Tocsin';
  const about = incident
    ? html`<p>${name} · ${incident.phase}</p>
        <h1>${incident.title}</h1>`
    : html`<h1>The incident cannot be shown just now</h1>
        <p>You can acknowledge it all the same.</p>`;
  // No action: the form posts to the address it came from, under whatever path a proxy put it.
  return page(
    name,
    html`${about}
      <form method="post"><button>I have it</button></form>`,
  );
}

export const acknowledgedPage = (text: string, url: string): string =>
  page(
    'Acknowledged',
    html`<h1>${text}</h1>
      <p><a href="${url}" rel="noreferrer">Open the incident</a></p>`,
  );

export const notAcknowledgedPage = (text: string): string => page('Tocsin', html`<h1>${text}</h1>`);

function page(title: string, content: Html): string {
  return htmlToText(
    html`<!doctype html>
      <html lang="en">
        <head>
          <meta charset="utf-8" />
          <meta name="viewport" content="width=device-width,initial-scale=1" />
          <meta name="robots" content="noindex" />
          <title>${title}</title>
          <style>
            ${trustedHtml(ACKNOWLEDGE_PAGE_STYLE)}
          </style>
        </head>
        <body>
          ${content}
        </body>
      </html>`,
  );
}
