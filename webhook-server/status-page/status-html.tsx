/** The public page for people: plain, without script, for a telephone on a bad day. It reloads itself. */
import type { ComponentState } from '../../domain/communications/public-state.ts';
import { renderPage } from '../console/page.tsx';
import { Due, Time, type Clock } from '../console/parts.tsx';
import type { PublicPage } from './public-page.ts';
import type { ShownPublicPage } from './public-page-reader.ts';

const STATE_LABELS: Readonly<Record<ComponentState, string>> = {
  operational: 'Operational',
  degraded_performance: 'Degraded performance',
  partial_outage: 'Partial outage',
  major_outage: 'Major outage',
};

type Incident = PublicPage['incidents'][number];

export function statusHtml({ page, asOf, isStale }: ShownPublicPage, shown: Clock): string {
  const headline = headlineOf(page);
  const read = <Time at={new Date(asOf).toISOString()} shown={shown} />;
  const content = (
    <>
      <h1>{page.page}: status</h1>
      {isStale ? <p class="note">This page cannot be brought up to date just now. It is shown as of {read}.</p> : null}
      <p class={`state ${page.state}`}>{headline}</p>
      <Components components={page.components} />
      <h2>Incidents</h2>
      {page.incidents.length === 0 ? <p>None in the last seven days.</p> : null}
      {page.incidents.map((incident) => (
        <PublicIncident incident={incident} shown={shown} />
      ))}
      <footer>
        As of {read}. <a href="/status/feed.atom">Feed</a> · <a href="/status.json">JSON</a>
      </footer>
    </>
  );
  return renderPage({ title: `${page.page}: ${headline}`, content, isPublic: true });
}

/** Never that all is well while an incident is listed as open. */
function headlineOf({ state, incidents }: PublicPage): string {
  if (state !== 'operational') return STATE_LABELS[state];
  return incidents.some(isOpen) ? 'Operational, with an open incident' : 'All systems operational';
}

const isOpen = ({ state }: Incident): boolean => state !== 'Resolved';

/** Shown when nothing is known, not even the last state. It must not claim that all is well. */
export function unknownHtml(): string {
  const content = (
    <>
      <h1>The status cannot be shown just now</h1>
      <p>This page tries again by itself.</p>
    </>
  );
  return renderPage({ title: 'Status', content, isPublic: true });
}

function Components({ components }: Pick<PublicPage, 'components'>) {
  if (components.length === 0) return null;
  return (
    <>
      <h2>Components</h2>
      <table>
        {components.map(({ name, state }) => (
          <tr>
            <th scope="row">{name}</th>
            <td>{STATE_LABELS[state]}</td>
          </tr>
        ))}
      </table>
    </>
  );
}

function PublicIncident({ incident, shown }: { readonly incident: Incident; readonly shown: Clock }) {
  const { title, state, nextUpdateAt, updates } = incident;
  return (
    <article>
      <h3>
        {title} · {state}
      </h3>
      {nextUpdateAt === null ? null : <NextUpdate at={nextUpdateAt} shown={shown} />}
      {updates.map(({ at, state: word, text }) => (
        <>
          <p>
            <b>{word}</b> ·{' '}
            <span class="quiet">
              <Time at={at} shown={shown} />
            </span>
          </p>
          <p>{text}</p>
        </>
      ))}
    </article>
  );
}

/** A promise that is past, because whoever keeps it is away, is not shown as one. */
function NextUpdate({ at, shown }: { readonly at: string; readonly shown: Clock }) {
  if (Date.parse(at) <= shown.now) return <p class="quiet">An update is due.</p>;
  return (
    <p class="quiet">
      Next update <Due at={at} shown={shown} />
    </p>
  );
}
