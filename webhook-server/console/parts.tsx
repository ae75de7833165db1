/** What several pages show: times, who has an incident, its alerts. */
import type { ComponentChildren } from 'preact';
import type { IncidentView, TimelineEntryView } from '../../domain/engine/view.ts';
import { alertTitle } from '../../domain/kernel/alert-titles.ts';
import { holderOf } from '../../domain/kernel/roles.ts';
import { truncate } from '../../domain/kernel/text.ts';
import { formatClockTime, formatDate } from '../../schedules/format-time.ts';

/** How a page writes times and names. */
export interface Shown {
  /** IANA zone of the organization. */
  readonly timeZone: string;
  readonly nameOf: (person: string) => string;
  /** What the configuration says of a service. */
  readonly linksOf: (service: string) => { readonly runbook: string | null; readonly dashboard: string | null };
  /** Epoch ms. */
  readonly now: number;
}

/** All that times need. */
export type Clock = Pick<Shown, 'timeZone' | 'now'>;

const LONGEST_TEXT = 240;
export const short = (text: string): string => truncate(text, LONGEST_TEXT);

/** `14:31 CET`; with its date when that is not today's. `at`: RFC 3339. */
export function Time({ at, shown }: { readonly at: string; readonly shown: Clock }) {
  return <time datetime={at}>{timeText(Date.parse(at), shown)}</time>;
}

/** The same as words. `at`: epoch ms. */
export function timeText(at: number, { timeZone, now }: Clock): string {
  const day = formatDate(at, timeZone);
  const clock = formatClockTime(at, timeZone);
  return day === formatDate(now, timeZone) ? clock : `${day} ${clock}`;
}

/** `in 4 min (14:31 CET)`; what is past is due now: it only waits for its turn. */
export function Due({ at, shown }: { readonly at: string; readonly shown: Clock }) {
  const left = Date.parse(at) - shown.now;
  return (
    <>
      {left > 0 ? `in ${lengthOf(left)}` : 'now'} (<Time at={at} shown={shown} />)
    </>
  );
}

/** `40 s`, `4 min`, `3 h 20 min`, `2 days`. */
function lengthOf(ms: number): string {
  const minutes = Math.round(ms / 60_000);
  if (minutes < 2) return `${Math.max(1, Math.round(ms / 1000))} s`;
  if (minutes < 60) return `${minutes} min`;
  if (minutes >= 48 * 60) return `${Math.round(minutes / (24 * 60))} days`;
  return `${Math.floor(minutes / 60)} h${minutes % 60 === 0 ? '' : ` ${minutes % 60} min`}`;
}

/** `13:02 UTC Ana Ruiz: the disk is full`; whoever the text begins with is not named twice. */
export function EntryLine({
  at,
  by,
  text,
  shown,
}: Pick<TimelineEntryView, 'at' | 'by' | 'text'> & { readonly shown: Shown }) {
  const name = by === null ? '' : shown.nameOf(by);
  return (
    <>
      <Time at={at} shown={shown} />
      {name === '' || text.startsWith(name) ? '' : ` ${name}`}: {short(text)}
    </>
  );
}

/** A row of a `dl`; none when there is nothing to say. */
export function Fact({ name, children }: { readonly name: string; readonly children?: ComponentChildren }) {
  if (children === null || children === undefined || children === '') return null;
  return (
    <>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </>
  );
}

export function SeverityTag({ severity, test }: { readonly severity: string; readonly test: boolean }) {
  return <span class={`tag ${severity}`}>{test ? `TEST ${severity}` : severity}</span>;
}

export function Heading({ incident }: { readonly incident: IncidentView }) {
  const { severity, test, phase, outcome, reference, title } = incident;
  const state = outcome === null || outcome === 'resolved' ? phase : `${phase} (${outcome.replace('-', ' ')})`;
  return (
    <>
      <p>
        <SeverityTag severity={severity} test={test} />
        {state}
        {reference === null ? null : ` · ${reference}`}
      </p>
      <h1>{title}</h1>
    </>
  );
}

/** The escalation runs: somebody is wanted, even where somebody has it who went quiet. */
export const isEscalating = ({ deadlines }: Pick<IncidentView, 'deadlines'>): boolean =>
  deadlines.some(({ kind }) => kind === 'escalation');

/** Who has it, and since when if that is known, in one sentence; to `reader` in the second person. */
export function Holder({
  incident,
  reader,
  shown,
}: {
  readonly incident: IncidentView;
  readonly reader?: string;
  readonly shown: Shown;
}) {
  const holder = holderOf(incident);
  if (holder === null) return <p class="state">Nobody has it yet.</p>;
  const { acknowledgedAt, acknowledgedBy, roles } = incident;
  const has = holder === reader ? 'You have' : `${shown.nameOf(holder)} has`;
  return (
    <p class="state">
      {/* It was acknowledged once: the time is not that of whom it was handed to. */}
      {acknowledgedAt === null || acknowledgedBy !== holder ? (
        `${has} it`
      ) : (
        <>
          {has} had it since <Time at={acknowledgedAt} shown={shown} />
        </>
      )}
      {roles.ic === holder ? ', as incident commander' : null}
      {isEscalating(incident) ? ', but others are being paged: whoever answers takes command' : null}.
    </p>
  );
}

/** How it ended, and when. */
export function Ending({ incident, shown }: { readonly incident: IncidentView; readonly shown: Shown }) {
  const { phase, resolvedAt, closedAt, resolution, mergedInto } = incident;
  const at = phase === 'closed' ? (closedAt ?? resolvedAt) : resolvedAt;
  return (
    <p class="state operational">
      {mergedInto === null ? (phase === 'closed' ? 'Closed' : 'Resolved') : `Merged into ${mergedInto}`}
      {at === null ? null : (
        <>
          {' '}
          at <Time at={at} shown={shown} />
        </>
      )}
      {resolution === null ? null : `: ${short(resolution)}`}
    </p>
  );
}

/** `payments (Checkout)`: ours, and what the public calls it. */
export const serviceName = ({ service, component }: IncidentView): string | null =>
  service !== null && component !== null && service !== component
    ? `${service} (${component})`
    : (service ?? component);

/** What happens next, and when. */
export function Deadlines({ incident, shown }: { readonly incident: IncidentView; readonly shown: Shown }) {
  if (incident.deadlines.length === 0) return null;
  return (
    <>
      <h2>Next</h2>
      <ul>
        {incident.deadlines.map(({ at, text }) => (
          <li>
            <Due at={at} shown={shown} />: {text}
          </li>
        ))}
      </ul>
    </>
  );
}

type Alert = IncidentView['alerts'][number];

const LINKS_SHOWN = 6;
const LINK_NAMES = { runbook: 'Runbook', dashboard: 'Dashboard', source: 'Source', silence: 'Silence' } as const;

/** Alerts come from outside, and so do their links: only what a browser opens. */
const isWebAddress = (href: string | null | undefined): href is string => /^https?:\/\//i.test(href ?? '');

/** A link that tells its target nothing of this page. */
export function OutsideLink({ href, children }: { readonly href: string; readonly children: ComponentChildren }) {
  return isWebAddress(href) ? (
    <a href={href} rel="noreferrer">
      {children}
    </a>
  ) : (
    <>{children}</>
  );
}

/** Runbook, dashboard … of an alert. */
export const AlertLinks = ({ alert }: { readonly alert: Alert }) => <LinkList links={webLinks([alert.links])} />;

/** The same of an incident, as a row of a `dl`: what its alerts say, the firing ones first, else what is said of its service. */
export function IncidentLinks({ incident, shown }: { readonly incident: IncidentView; readonly shown: Shown }) {
  const ofAlerts: readonly LinksByKind[] = firingFirst(incident.alerts).map(({ links }) => links);
  const ofService: LinksByKind = incident.service === null ? {} : shown.linksOf(incident.service);
  const isMissing = (kind: 'runbook' | 'dashboard'): boolean => !ofAlerts.some((links) => isWebAddress(links[kind]));
  const links = webLinks([
    ...ofAlerts,
    isMissing('runbook') ? { runbook: ofService.runbook } : {},
    isMissing('dashboard') ? { dashboard: ofService.dashboard } : {},
  ]);
  return links.length === 0 ? null : (
    <Fact name="Look here">
      <LinkList links={links} />
    </Fact>
  );
}

type Link = readonly [href: string, name: string];
type LinksByKind = Readonly<Partial<Record<keyof typeof LINK_NAMES, string | null | undefined>>>;

/** Each address once. */
function webLinks(all: readonly LinksByKind[]): readonly Link[] {
  const found = new Map<string, string>();
  for (const links of all) {
    for (const [kind, name] of Object.entries(LINK_NAMES)) {
      const href = links[kind as keyof typeof LINK_NAMES];
      if (isWebAddress(href) && !found.has(href)) found.set(href, name);
    }
  }
  return [...found].slice(0, LINKS_SHOWN);
}

const LinkList = ({ links }: { readonly links: readonly Link[] }) => (
  <>
    {links.map(([href, name], index) => (
      <>
        {index === 0 ? null : ' · '}
        <OutsideLink href={href}>{name}</OutsideLink>
      </>
    ))}
  </>
);

export const titleOfAlert = ({ labels, annotations, fingerprint }: Alert): string =>
  short(alertTitle(labels, annotations['summary'] ?? annotations['description']) ?? fingerprint);

/** Firing alerts first, each part in the order of the incident. */
export const firingFirst = (alerts: readonly Alert[]): readonly Alert[] =>
  alerts.toSorted((a, b) => Number(a.status === 'resolved') - Number(b.status === 'resolved'));
