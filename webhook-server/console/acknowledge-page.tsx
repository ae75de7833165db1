/** What an acknowledge link shows: read on a telephone, at night, by someone just awake. */
import type { ComponentChildren } from 'preact';
import type { IncidentView } from '../../domain/engine/view.ts';
import { sentence } from '../../domain/escalation/page-line.ts';
import { IMPACT_QUESTIONS, impactCommand, severityCommand } from '../../domain/kernel/guide.ts';
import { impactText } from '../../domain/kernel/impact.ts';
import { isPage, OUTSIDE_ESCALATION } from '../../domain/kernel/outbox.ts';
import { holderOf, roleTitle } from '../../domain/kernel/roles.ts';
import { kebab, plainText } from '../../domain/kernel/text.ts';
import { renderPage } from './page.tsx';
import {
  Deadlines,
  Ending,
  Fact,
  firingFirst,
  Heading,
  Holder,
  IncidentLinks,
  isEscalating,
  serviceName,
  SeverityTag,
  short,
  Time,
  timeText,
  titleOfAlert,
  type Shown,
} from './parts.tsx';

/** What is known about alerts that wait in the spool. */
export interface WaitingIncident {
  readonly title: string;
  readonly severity: string;
}

export interface AcknowledgePage {
  readonly incident: IncidentView;
  /** Whose link it is. */
  readonly person: string;
  /** Of the incident's page, signed. */
  readonly url: string;
  /** Temporal cannot be reached: this is what the records have. */
  readonly isStale: boolean;
  readonly shown: Shown;
}

/** Shows and asks; only the button acts, since mail scanners and chat previews open links. */
export function acknowledgePage(page: AcknowledgePage): string {
  const { incident, person, url, isStale, shown } = page;
  const content = (
    <>
      {isStale ? <p class="note">Temporal cannot be reached: this is what was recorded last.</p> : null}
      <Heading incident={incident} />
      <Holder incident={incident} reader={person} shown={shown} />
      <Ask {...page} />
      <dl>
        <Fact name="Why you">
          <Why {...page} />
        </Fact>
        <About incident={incident} shown={shown} />
      </dl>
      <Deadlines incident={incident} shown={shown} />
      <IncidentLink url={url} />
      <footer>This link acts for {shown.nameOf(person)}. It ends with the incident.</footer>
    </>
  );
  return renderPage({ title: `${incident.severity} ${incident.title}`, content });
}

/** Null: not even what waits is known, or the link may not show it. */
export function waitingAcknowledgePage(waiting: WaitingIncident | null): string {
  const content = (
    <>
      {waiting === null ? (
        <>
          <h1>The incident cannot be shown here</h1>
          <p>You can acknowledge it all the same.</p>
        </>
      ) : (
        <>
          <p>
            <SeverityTag severity={waiting.severity} test={false} />
            waiting for Temporal
          </p>
          <h1>{waiting.title}</h1>
          <p class="note">
            Temporal cannot be reached, so Tocsin paged you directly. If you press the button, nobody else is paged for
            this unless it gets worse. Your answer is kept until Temporal is back.
          </p>
        </>
      )}
      <Button>I have it</Button>
    </>
  );
  return renderPage({ title: waiting?.severity ?? 'Tocsin', content });
}

function Button({ children }: { readonly children: ComponentChildren }) {
  // No action: the form posts to the address it came from, under whatever path a proxy put it.
  return (
    <form method="post">
      <button>{children}</button>
    </form>
  );
}

/** The button that says what pressing it does now; none where it would do nothing. */
function Ask({ incident, person }: AcknowledgePage) {
  const holder = holderOf(incident);
  const isOutside = isOutsideEscalation(incident, person);
  if (holder === person) {
    const isAsked = isEscalating(incident) || incident.deadlines.some(({ kind }) => kind === 'inactivity');
    return isAsked ? <Button>I am still on it</Button> : null;
  }
  if (holder === null) {
    return (
      <>
        {/* Leadership only says that it knows; who was called by name takes it. The answer says which. */}
        <Button>{isOutside ? 'Acknowledge' : 'I have it'}</Button>
        {incident.phase === 'declared' && !isOutside ? (
          <p class="quiet">
            Can&apos;t take it? <code>tocsin decline {incident.reference ?? incident.workflowId}</code> pages the next
            level at once.
          </p>
        ) : null}
      </>
    );
  }
  if (isEscalating(incident)) return <Button>I take it</Button>;
  return isOutside ? <Button>I have seen it</Button> : null;
}

/** The last page to that person was to leadership, or by hand. */
const isOutsideEscalation = (incident: IncidentView, person: string): boolean =>
  levelOf(incident, person) === OUTSIDE_ESCALATION;

const lastPageTo = ({ deliveries }: IncidentView, person: string) =>
  deliveries.findLast((delivery) => delivery.to === person && isPage(delivery));

/** Of the last page to that person; null: none is known, or the server sent it by itself. */
function levelOf(incident: IncidentView, person: string): number | null {
  const last = lastPageTo(incident, person);
  const level = /\/page\/\d+\.(\d+)\.\d+\//.exec(last?.key ?? '')?.[1];
  return level === undefined ? null : Number(level);
}

/** Only what is known of this person's own page: what others were called for would mislead. */
function Why({ incident, person, shown }: AcknowledgePage) {
  if (lastPageTo(incident, person) === undefined) return <>Tocsin sent you this link.</>;
  const level = levelOf(incident, person);
  if (level !== null && level !== OUTSIDE_ESCALATION) {
    return (
      <>
        You are on call (level {level} of team {incident.team}).
      </>
    );
  }
  const call = level === null ? undefined : incident.calledFor?.[person];
  if (call === undefined) return <>You were called about this.</>;
  if (call.reason === 'leadership') return <>Leadership is called for every {incident.highestSeverity}.</>;
  const why = plainText(call.why, (at) => timeText(at, shown), shown.nameOf);
  return (
    <>
      You were called at <Time at={call.at} shown={shown} />: {sentence(short(why))}
    </>
  );
}

function About({ incident, shown }: { readonly incident: IncidentView; readonly shown: Shown }) {
  const { team, impact, summary, alerts, alertCount, firingCount } = incident;
  const [worst] = firingFirst(alerts);
  return (
    <>
      <Fact name="Service">{serviceName(incident)}</Fact>
      <Fact name="Team">{team}</Fact>
      <Fact name="Impact">{impact === null ? 'not assessed yet' : short(impactText(impact))}</Fact>
      <Fact name="Summary">{short(summary)}</Fact>
      <Fact name="Alerts">
        {worst === undefined ? null : `${firingCount} of ${alertCount} firing: ${titleOfAlert(worst)}`}
      </Fact>
      <Fact name="Since">
        <Time at={incident.detectedAt ?? incident.declaredAt} shown={shown} />
      </Fact>
      <IncidentLinks incident={incident} shown={shown} />
    </>
  );
}

function IncidentLink({ url }: { readonly url: string }) {
  return (
    <p>
      <a href={url} rel="noreferrer">
        The incident: state, timeline, everybody&apos;s pages
      </a>
    </p>
  );
}

/** `text`: the answer to the button. `incident`: as it is now; null: nobody can tell. */
export function acknowledgedPage({
  text,
  incident,
  person,
  url,
  shown,
}: Pick<AcknowledgePage, 'person' | 'url' | 'shown'> & {
  readonly text: string;
  readonly incident: IncidentView | null;
}): string {
  const isMine = incident !== null && holderOf(incident) === person;
  const title = isMine ? 'You have it' : text;
  const content = (
    <>
      <h1>{title}</h1>
      {incident === null ? null : (
        <p>
          <SeverityTag severity={incident.severity} test={incident.test} />
          {incident.title}
        </p>
      )}
      {isMine ? <WhatToDo incident={incident} shown={shown} /> : null}
      {incident === null ? null : <Deadlines incident={incident} shown={shown} />}
      <IncidentLink url={url} />
    </>
  );
  return renderPage({ title, content });
}

/** The first steps of the runbook, with the commands that do them. */
function WhatToDo({ incident, shown }: { readonly incident: IncidentView; readonly shown: Shown }) {
  const { reference, workflowId, impact, rolesWanted = [] } = incident;
  const name = reference ?? workflowId;
  return (
    <>
      <h2>What to do</h2>
      <ul>
        <li>
          Is it real? If not: <code>tocsin false-alarm {name} --reason &quot;…&quot;</code>
        </li>
        {impact === null ? (
          <li>
            {IMPACT_QUESTIONS.scope} {IMPACT_QUESTIONS.dataLoss} <code>{impactCommand(name)}</code>
          </li>
        ) : null}
        <li>
          {IMPACT_QUESTIONS.severity} <code>{severityCommand(name)}</code>
        </li>
        {rolesWanted.map((role) => (
          <li>
            Nobody is {roleTitle(role)} yet:{' '}
            <code>
              tocsin assign {name} {kebab(role)} NAME
            </code>
          </li>
        ))}
        <li>
          Need help? <code>tocsin escalate {name} --reason &quot;…&quot;</code>
        </li>
        <li>Restore service first; look for the cause last.</li>
      </ul>
      <dl>
        <IncidentLinks incident={incident} shown={shown} />
      </dl>
    </>
  );
}

/** `incident`: the one that is over; null: another has taken its place. `onCall`: whom to call now. */
export function endedLinkPage({
  incident,
  onCall,
  shown,
}: {
  readonly incident: IncidentView | null;
  readonly onCall: readonly string[];
  readonly shown: Shown;
}): string {
  const content = (
    <>
      {incident === null ? (
        <h1>This link is about an earlier incident</h1>
      ) : (
        <>
          <Heading incident={incident} />
          <Ending incident={incident} shown={shown} />
        </>
      )}
      <p>It is over, so this link has ended. Nothing was changed.</p>
      <p>
        Is something wrong now?{' '}
        {onCall.length === 0 ? null : `Call ${onCall.map(shown.nameOf).join(' or ')} (on call), or `}
        {onCall.length === 0 ? 'Declare' : 'declare'} an incident: <code>tocsin declare</code>
      </p>
    </>
  );
  return renderPage({ title: 'This link has ended', content });
}
