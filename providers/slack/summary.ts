/** The pinned summary and the topic of an incident's channel: how things stand, in few words. Pure. */
import type { Scene } from '../../activities/ports.ts';
import { impactText } from '../../domain/impact.ts';
import { line, link, plain, short } from './mrkdwn.ts';
import { clockTime, dateOf } from '../../schedules/clock-time.ts';

/** Slack's limit for topic and purpose. */
const TOPIC = 250;

const ROLES = [
  ['ic', 'Incident commander'],
  ['technicalLead', 'Technical lead'],
  ['communicationsLead', 'Communications lead'],
  ['scribe', 'Scribe'],
] as const;

export interface Wording {
  /** IANA zone in which times are told. */
  readonly timeZone: string;
  readonly displayName: (person: string) => string;
}

/** `INC-2024-003`; before it has a number, nothing. */
function numberOf({ incident }: Scene): string {
  return incident.reference === null ? '' : `${incident.reference} · `;
}

/** Which incident it is, for a place where others are told of too. */
export function heading(scene: Scene): string {
  const { severity, title, url } = scene.incident;
  return `*${line(`${numberOf(scene)}${severity}`, 60)}* ${link(url, title)}`;
}

export function summaryText(scene: Scene, { timeZone, displayName }: Wording): string {
  const { head } = scene;
  const startedAt = Date.parse(head.detectedAt ?? head.declaredAt);
  const next = head.deadlines.find(({ kind }) => kind === 'internal-update');
  const ticket = head.ticket ?? scene.refs()['ticket'];
  const roles = ROLES.filter(([role]) => role === 'ic' || head.roles[role] !== null);
  const lines = [
    `${heading(scene)} – *${stateOf(scene)}*`,
    ...roles.map(([role, name]) => `*${name}:* ${line(personIn(head.roles[role], displayName), 100)}`),
    `*Impact:* ${plain(impactOf(head), 1_000)}`,
    `*Started:* ${dateOf(startedAt, timeZone)} ${clockTime(startedAt, timeZone)}`,
    ...(next === undefined ? [] : [`*Next update:* ${clockTime(Date.parse(next.at), timeZone)}`]),
    ...(ticket === undefined ? [] : [`*Ticket:* ${link(ticket, ticket)}`]),
    ...(head.resolution === null ? [] : [`*Resolution:* ${plain(head.resolution, 1_000)}`]),
  ];
  return lines.join('\n');
}

function impactOf({ impact, summary }: Scene['head']): string {
  return impact === null ? summary || 'not known yet' : impactText(impact);
}

/** `investigating`; or how it ended. */
function stateOf({ head: { phase, outcome } }: Scene): string {
  return outcome === null ? phase : `${phase}: ${outcome}`;
}

function personIn(person: string | null, displayName: Wording['displayName']): string {
  return person === null ? 'nobody yet' : displayName(person);
}

export function topicText(scene: Scene, { displayName }: Pick<Wording, 'displayName'>): string {
  const { incident, head } = scene;
  const ic = personIn(head.roles.ic, displayName);
  return short(`${numberOf(scene)}${incident.severity} · ${stateOf(scene)} · IC: ${ic} · ${incident.title}`, TOPIC);
}

/** Ends with the incident: by that the channel is known again. */
export function purposeText({ incident: { title, url, id: incidentId } }: Scene): string {
  const rest = TOPIC - incidentId.length - 1;
  const address = url.length < rest / 2 ? ` ${url}` : '';
  return `${short(title, rest - address.length)}${address} ${incidentId}`;
}
