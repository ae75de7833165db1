/** One incident for a person who wants to know how it stands: read only, and it reloads itself. */
import type { IncidentView, TimelineEntryView } from '../../domain/engine/view.ts';
import { impactText } from '../../domain/kernel/impact.ts';
import { isPage } from '../../domain/kernel/outbox.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import { ROLES } from '../../domain/kernel/commands.ts';
import { ROLE_NAMES } from '../../domain/kernel/roles.ts';
import { plainText } from '../../domain/kernel/text.ts';
import { foldTimeline, isByPerson, type FoldedEntry } from '../../domain/kernel/timeline.ts';
import { formatClockTime } from '../../schedules/format-time.ts';
import { renderPage } from './page.tsx';
import {
  AlertLinks,
  Deadlines,
  Ending,
  EntryLine,
  Fact,
  firingFirst,
  Heading,
  Holder,
  IncidentLinks,
  OutsideLink,
  serviceName,
  SeverityTag,
  short,
  Time,
  titleOfAlert,
  type Shown,
} from './parts.tsx';

const RELOAD_S = 30;
const ALERTS_SHOWN = 6;
const ENTRIES_SHOWN = 10;
const PAGES_SHOWN = 10;

export interface IncidentPage {
  readonly incident: IncidentView;
  /** In order, the oldest first. */
  readonly timeline: readonly TimelineEntryView[];
  /** The incident that the reader asked for, where it was merged into this one. */
  readonly mergedFrom: string | null;
  /** Temporal cannot be reached: this is what the records have. */
  readonly isStale: boolean;
  readonly shown: Shown;
}

export function incidentPage(page: IncidentPage): string {
  const { incident, shown } = page;
  const { severity, title, reference, workflowId, phase } = incident;
  const name = reference ?? workflowId;
  const content = (
    <>
      <Notes {...page} />
      <Heading incident={incident} />
      {isOpen(phase) ? <Holder incident={incident} shown={shown} /> : <Ending incident={incident} shown={shown} />}
      <Facts incident={incident} shown={shown} />
      <Deadlines incident={incident} shown={shown} />
      <Alerts incident={incident} shown={shown} />
      <Timeline {...page} />
      <Pages incident={incident} shown={shown} />
      <footer>
        As of <Time at={new Date(shown.now).toISOString()} shown={shown} />; reloads every {RELOAD_S} s. More:{' '}
        <code>tocsin show {name}</code>
      </footer>
    </>
  );
  return renderPage({ title: `${severity} ${title}`, content, refreshS: RELOAD_S });
}

/** While Temporal is away, alerts wait in the spool: people were paged directly, and nothing more is known. */
export function waitingPage({ title, severity }: { readonly title: string; readonly severity: string }): string {
  const content = (
    <>
      <p>
        <SeverityTag severity={severity} test={false} />
        waiting for Temporal
      </p>
      <h1>{title}</h1>
      <p class="note">
        Temporal cannot be reached, so Tocsin paged people directly. The incident begins as soon as Temporal is back; an
        acknowledgement is kept until then.
      </p>
    </>
  );
  return renderPage({ title: `${severity} ${title}`, content, refreshS: RELOAD_S });
}

function Notes({ incident, timeline, mergedFrom, isStale, shown }: IncidentPage) {
  const lastAt = timeline.at(-1)?.at ?? incident.declaredAt;
  return (
    <>
      {isStale ? (
        <p class="note">
          Temporal cannot be reached. This is what was recorded last, as of <Time at={lastAt} shown={shown} />; more may
          have happened since.
        </p>
      ) : null}
      {mergedFrom === null ? null : <p class="note">{mergedFrom} was merged into this incident.</p>}
      {incident.restricted ? <p class="note">Restricted. Anyone with this link can read it. Do not share it.</p> : null}
    </>
  );
}

const DECISIONS = { rollback: 'roll back', 'fix-forward': 'fix forward' } as const;

function Facts({ incident, shown }: { readonly incident: IncidentView; readonly shown: Shown }) {
  const { team, impact, cause, decision, summary, roles, rolesWanted = [], channel, ticket } = incident;
  return (
    <dl>
      <Fact name="Service">{serviceName(incident)}</Fact>
      <Fact name="Team">{team}</Fact>
      <Fact name="Impact">{impact === null ? 'not assessed yet' : short(impactText(impact))}</Fact>
      <Fact name="Summary">{short(summary)}</Fact>
      <Fact name="Cause">{cause ? short(cause.text) : null}</Fact>
      <Fact name="Decision">{decision === null ? null : DECISIONS[decision]}</Fact>
      {ROLES.map((role) => (
        <Fact name={capitalized(ROLE_NAMES[role])}>
          {roles[role] === null ? (rolesWanted.includes(role) ? 'nobody yet' : null) : shown.nameOf(roles[role])}
        </Fact>
      ))}
      <Fact name="Since">
        <Time at={incident.detectedAt ?? incident.declaredAt} shown={shown} />
      </Fact>
      <IncidentLinks incident={incident} shown={shown} />
      <Fact name="Channel">{channel}</Fact>
      <Fact name="Ticket">{ticket === null ? null : <OutsideLink href={ticket}>{ticket}</OutsideLink>}</Fact>
    </dl>
  );
}

const capitalized = (text: string): string => text.charAt(0).toUpperCase() + text.slice(1);

function Alerts({ incident, shown }: { readonly incident: IncidentView; readonly shown: Shown }) {
  const { alerts, alertCount, firingCount } = incident;
  if (alertCount === 0) return null;
  const first = firingFirst(alerts).slice(0, ALERTS_SHOWN);
  return (
    <>
      <h2>
        Alerts: {firingCount} of {alertCount} firing
      </h2>
      <ul>
        {first.map((alert) => (
          <li>
            {titleOfAlert(alert)}
            <br />
            <span class="quiet">
              {alert.status === 'firing' ? 'firing since ' : 'resolved at '}
              <Time
                at={alert.status === 'firing' ? alert.startsAt : (alert.endsAt ?? alert.startsAt)}
                shown={shown}
              />{' '}
              <AlertLinks alert={alert} />
            </span>
          </li>
        ))}
      </ul>
      {alertCount > first.length ? <p class="quiet">and {alertCount - first.length} more</p> : null}
    </>
  );
}

/** What people did and said comes first; what Tocsin did by itself follows, with runs told as one. The newest on top. */
function Timeline({ timeline, shown }: IncidentPage) {
  const newest = foldTimeline(timeline).toReversed();
  const isSaid = ({ entries: [first] }: Entry): boolean => isByPerson(first);
  return (
    <>
      <Entries heading="What people did and said" entries={newest.filter(isSaid)} shown={shown} />
      <Entries heading="What else happened" entries={newest.filter((entry) => !isSaid(entry))} shown={shown} />
    </>
  );
}

type Entry = FoldedEntry<TimelineEntryView>;

function Entries({
  heading,
  entries,
  shown,
}: {
  readonly heading: string;
  readonly entries: readonly Entry[];
  readonly shown: Shown;
}) {
  if (entries.length === 0) return null;
  const timeOf = (at: number): string => formatClockTime(at, shown.timeZone);
  return (
    <>
      <h2>{heading}</h2>
      <ul>
        {entries.slice(0, ENTRIES_SHOWN).map(({ entries: [first], text }) => (
          <li>
            <EntryLine
              at={first.at}
              by={isByPerson(first) ? first.by : null}
              text={plainText(text, timeOf, shown.nameOf)}
              shown={shown}
            />
          </li>
        ))}
      </ul>
      {entries.length > ENTRIES_SHOWN ? <p class="quiet">and {entries.length - ENTRIES_SHOWN} earlier</p> : null}
    </>
  );
}

/** Who was paged, by which way, and what became of it; the newest on top. */
function Pages({ incident, shown }: { readonly incident: IncidentView; readonly shown: Shown }) {
  const pages = incident.deliveries.filter(isPage).toReversed();
  if (pages.length === 0) return null;
  return (
    <>
      <h2>Pages</h2>
      <ul>
        {pages.slice(0, PAGES_SHOWN).map(({ at, to, method, state, reason }) => (
          <li>
            <Time at={at} shown={shown} /> {shown.nameOf(to)} by {method}: {state}
            {reason === null ? null : ` (${short(reason)})`}
          </li>
        ))}
      </ul>
      {pages.length > PAGES_SHOWN ? <p class="quiet">and {pages.length - PAGES_SHOWN} earlier</p> : null}
    </>
  );
}
