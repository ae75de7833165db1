/** What an acknowledge link shows: read on a telephone, at night, by someone just awake. */
import { renderPage } from './page.tsx';

export interface AcknowledgePageIncident {
  readonly title: string;
  readonly severity: string;
  readonly phase: string;
  readonly test: boolean;
}

/** Shows and asks; only the button acts, since mail scanners and chat previews open links. Null: no worker can tell. */
export function confirmPage(incident: AcknowledgePageIncident | null): string {
  const name = incident ? `${incident.test ? 'TEST · ' : ''}${incident.severity}` : 'Tocsin';
  const about = incident ? (
    <>
      <p>
        {name} · {incident.phase}
      </p>
      <h1>{incident.title}</h1>
    </>
  ) : (
    <>
      <h1>The incident cannot be shown just now</h1>
      <p>You can acknowledge it all the same.</p>
    </>
  );
  const content = (
    <>
      {about}
      {/* No action: the form posts to the address it came from, under whatever path a proxy put it. */}
      <form method="post">
        <button>I have it</button>
      </form>
    </>
  );
  return renderPage({ title: name, content });
}

export function acknowledgedPage(text: string, url: string): string {
  const content = (
    <>
      <h1>{text}</h1>
      <p>
        <a href={url} rel="noreferrer">
          Open the incident
        </a>
      </p>
    </>
  );
  return renderPage({ title: 'Acknowledged', content });
}

export const notAcknowledgedPage = (text: string): string => renderPage({ title: 'Tocsin', content: <h1>{text}</h1> });
