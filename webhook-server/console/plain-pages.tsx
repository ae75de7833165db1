/** Pages that show no incident: the front door, and what there is to say when there is nothing to show. */
import type { ComponentChildren } from 'preact';
import { renderPage } from './page.tsx';

/** `statusPage`: its address; null: there is none. */
export function frontPage(organization: string, statusPage: string | null): string {
  const content = (
    <>
      <h1>Tocsin: incidents of {organization}</h1>
      <p>Tocsin turns alerts into incidents, pages people until somebody answers, and keeps the record.</p>
      <h2>Where to go</h2>
      <ul>
        <li>
          Were you paged? Open the link in the page. You can acknowledge or read the incident there, without a password.
        </li>
        {statusPage === null ? null : (
          <li>
            You want to know whether our services work: <a href={statusPage}>the status page</a>.
          </li>
        )}
        <li>
          You work here: use the command line. Set <code>TOCSIN_URL</code> to this address and <code>TOCSIN_TOKEN</code>{' '}
          to a token that an administrator makes with <code>tocsin token create</code>; then <code>tocsin list</code>{' '}
          shows what is open, and <code>tocsin declare</code> opens an incident.
        </li>
        <li>
          You write a program: the API describes itself at <code>/openapi.json</code>.
        </li>
      </ul>
    </>
  );
  return renderPage({ title: `Tocsin: incidents of ${organization}`, content });
}

const TITLES: Readonly<Record<number, string>> = {
  401: 'This page needs a link or a token',
  403: 'This token may not read it',
  404: 'There is nothing at this address',
};

const HINTS: Readonly<Record<number, ComponentChildren>> = {
  401: (
    <p>
      Open the link in a page or a message that Tocsin sent you: it is signed, and ends 90 days after the incident
      began. Or use the command line with your token: <code>tocsin list</code>
    </p>
  ),
  404: (
    <p>
      <a href="/">Go to the start page</a>
    </p>
  ),
  503: <p>This page tries again by itself.</p>,
};

const RETRY_S = 10;

/** `problem`: what went wrong, in words. */
export function problemPage(status: number, problem: string): string {
  const detail = problem.charAt(0).toUpperCase() + problem.slice(1);
  const title = TITLES[status];
  const content = (
    <>
      <h1>{title ?? detail}</h1>
      {title === undefined || status === 401 ? null : <p>{detail}</p>}
      {HINTS[status]}
    </>
  );
  return renderPage({ title: title ?? detail, content, ...(status === 503 ? { refreshS: RETRY_S } : {}) });
}
