/** The pinned summary and the topic of an incident's channel: the current state in a few words. Pure. */
import type { IncidentContext } from '../../activities/ports.ts';
import { impactText } from '../../domain/kernel/impact.ts';
import { line, link, slackText, shortSlackText } from './mrkdwn.ts';
import { formatClockTime, formatDate } from '../../schedules/format-time.ts';

/** Slack's limit for topic and purpose. */
const TOPIC = 250;

const ROLES = [
  ['ic', 'Incident commander'],
  ['technicalLead', 'Technical lead'],
  ['communicationsLead', 'Communications lead'],
  ['scribe', 'Scribe'],
] as const;

export interface SummaryFormat {
  /** IANA zone in which times are shown. */
  readonly timeZone: string;
  readonly displayName: (person: string) => string;
}

/** `INC-2024-003`; empty until it is numbered. */
function numberOf({ incident }: IncidentContext): string {
  return incident.reference === null ? '' : `${incident.reference} · `;
}

/** Names the incident in a channel that several incidents share. */
export function heading(context: IncidentContext): string {
  const { severity, title, url } = context.incident;
  return `*${line(`${numberOf(context)}${severity}`, 60)}* ${link(url, title)}`;
}

export function summaryText(context: IncidentContext, { timeZone, displayName }: SummaryFormat): string {
  const { projection } = context;
  const startedAt = Date.parse(projection.detectedAt ?? projection.declaredAt);
  const next = projection.deadlines.find(({ kind }) => kind === 'internal-update');
  const ticket = projection.ticket ?? context.refs()['ticket'];
  const roles = ROLES.filter(([role]) => role === 'ic' || projection.roles[role] !== null);
  const lines = [
    `${heading(context)} – *${stateOf(context)}*`,
    ...roles.map(([role, name]) => `*${name}:* ${line(personIn(projection.roles[role], displayName), 100)}`),
    ...impactLines(projection),
    `*Started:* ${formatDate(startedAt, timeZone)} ${formatClockTime(startedAt, timeZone)}`,
    ...(next === undefined ? [] : [`*Next update:* ${formatClockTime(Date.parse(next.at), timeZone)}`]),
    ...(ticket === undefined ? [] : [`*Ticket:* ${link(ticket, ticket)}`]),
    ...(projection.resolution === null ? [] : [`*Resolution:* ${slackText(projection.resolution, 1_000)}`]),
  ];
  return lines.join('\n');
}

/** What a person said of it; an alert's summary is no impact. */
function impactLines({ impact, declaredBy, summary }: IncidentContext['projection']): readonly string[] {
  if (impact !== null) return [`*Impact:* ${slackText(impactText(impact), 1_000)}`];
  if (summary === '') return ['*Impact:* not assessed yet'];
  const said = slackText(summary, 1_000);
  return declaredBy === null ? ['*Impact:* not assessed yet', `*Summary:* ${said}`] : [`*Impact:* ${said}`];
}

/** `investigating`; or how it ended: `closed (false alarm)`. */
function stateOf({ projection: { phase, outcome } }: IncidentContext): string {
  return outcome === null || outcome === 'resolved' ? phase : `${phase} (${outcome.replace('-', ' ')})`;
}

function personIn(person: string | null, displayName: SummaryFormat['displayName']): string {
  return person === null ? 'nobody yet' : displayName(person);
}

export function topicText(context: IncidentContext, { displayName }: Pick<SummaryFormat, 'displayName'>): string {
  const { incident, projection } = context;
  const ic = personIn(projection.roles.ic, displayName);
  return shortSlackText(
    `${numberOf(context)}${incident.severity} · ${stateOf(context)} · IC: ${ic} · ${incident.title}`,
    TOPIC,
  );
}

/** Ends with the incident's id, by which the channel is recognized later. */
export function purposeText({ incident: { title, url, id: incidentId } }: IncidentContext): string {
  const rest = TOPIC - incidentId.length - 1;
  const address = url.length < rest / 2 ? ` ${url}` : '';
  return `${shortSlackText(title, rest - address.length)}${address} ${incidentId}`;
}
