/**
 * What the placeholders of a message stand for, as it is when the message is ordered. Taken then, and only for messages
 * whose words the configuration has changed, so that a message told late says what was true, and the record what was
 * told. Pure.
 */
import { updateDueAt } from './update-schedule.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import { impactText } from '../kernel/impact.ts';
import type { Incident } from '../kernel/incident.ts';
import type { TextValues } from '../kernel/outbox.ts';
import { PUBLIC_STATE_OF_PHASE } from './public-entries.ts';
import { ROLE_NAMES } from '../kernel/roles.ts';
import type { TemplateName } from '../kernel/templates.ts';
import { CHAT_TEMPLATES, NOTICE_TEMPLATES, PUBLIC_TEMPLATES } from '../kernel/templates.ts';
import type { TextPart } from '../kernel/text.ts';
import { joinList } from '../kernel/text.ts';

type Values = Readonly<Record<string, TextPart | null | undefined>>;

/** What an order carries when the configuration has words of its own for it; nothing, when it has none. */
type TemplateValues = { readonly template?: TemplateName; readonly textValues?: TextValues };

/** Of the post of `event` in the chat, and of what the ticket hears of it. */
export function postTemplate(after: Incident, event: IncidentEvent): TemplateValues {
  const detailed = event.type === 'update-posted' && event.details !== undefined;
  const template = detailed ? 'internalUpdate' : CHAT_TEMPLATES[event.type];
  const isAnnounced = event.type === 'declared' && has(after, 'announcement');
  return {
    ...templateWithValues(after, event, template),
    ...(isAnnounced ? { textValues: textValuesFor(after, event) } : {}),
  };
}

export function noticeTemplate(after: Incident, event: IncidentEvent): TemplateValues {
  return templateWithValues(after, event, NOTICE_TEMPLATES[event.type]);
}

/** Of its entry on the public page. */
export function publicEntryTemplate(after: Incident, event: IncidentEvent): TemplateValues {
  const template = PUBLIC_TEMPLATES[event.type];
  return has(after, template) ? { template, textValues: publicTextValuesFor(after, event) } : {};
}

function templateWithValues(after: Incident, event: IncidentEvent, template: TemplateName | undefined): TemplateValues {
  return has(after, template) ? { template, textValues: textValuesFor(after, event) } : {};
}

function has({ policy }: Incident, template: TemplateName | undefined): template is TemplateName {
  return template !== undefined && (policy.templates?.includes(template) ?? false);
}

/** For our own people: the incident after `event`, and what the event says itself. */
export function textValuesFor(after: Incident, event: IncidentEvent): TextValues {
  return known({ ...incidentValues(after, event.at), ...eventValues(after, event) });
}

/** For everybody: by name, so that nothing becomes public because somebody added it elsewhere. */
function publicTextValuesFor(after: Incident, event: IncidentEvent): TextValues {
  return known({
    ...publicValues(after, event.at),
    text: event.type === 'update-posted' && event.audience === 'public' ? event.text : null,
  });
}

/** For stakeholder updates to the outside. */
export function externalTextValuesFor(after: Incident, event: IncidentEvent): TextValues {
  return known({
    ...publicTextValuesFor(after, event),
    startedAt: { at: startOf(after) },
    updateEvery: every(after.policy.severities[after.highestSeverity].updateEveryMs),
  });
}

function publicValues(after: Incident, at: number): Values {
  return {
    component: after.component ?? 'our services',
    state: after.communications.publicState ?? PUBLIC_STATE_OF_PHASE[after.phase],
    nextUpdate: moment(updateDueAt(after, 'public')),
    time: { at },
  };
}

function incidentValues(after: Incident, at: number): Values {
  const {
    reference,
    title,
    summary,
    severity,
    highestSeverity,
    phase,
    team,
    service,
    component,
    roles,
    communications,
  } = after;
  return {
    ...{ reference, title, summary, severity, highestSeverity, status: phase, team, service, component },
    publicStatus: after.communications.publicState ?? PUBLIC_STATE_OF_PHASE[phase],
    impact: after.impact === null ? summary : impactText(after.impact),
    affected: component ?? service ?? team,
    ...Object.fromEntries(Object.entries(roles).map(([role, person]) => [role, person === null ? null : { person }])),
    startedAt: { at: startOf(after) },
    duration: lengthOf(at - after.declaredAt),
    channel: communications.refs['channel'],
    ticket: communications.refs['ticket'],
    nextUpdate: moment(updateDueAt(after, 'internal')),
    updateEvery: every(after.policy.severities[severity].updateEveryMs),
    time: { at },
    test: after.test ? 'TEST' : null,
  };
}

const startOf = ({ alerts, declaredAt }: Incident): number => alerts.detectedAt ?? declaredAt;
const moment = (at: number | null): TextPart | null => (at === null ? null : { at });
const person = (name: string | null): TextPart | null => (name === null ? null : { person: name });

function every(ms: number | null): string | null {
  if (ms === null) return null;
  const minutes = Math.round(ms / 60_000);
  return minutes % 60 === 0 && minutes > 60 ? `${minutes / 60} hours` : `${minutes} minutes`;
}

function lengthOf(ms: number): string {
  const minutes = Math.max(0, Math.round(ms / 60_000));
  return minutes < 120 ? `${minutes} min` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`;
}

/** What `event` says itself; who said it, where somebody did. */
function eventValues(after: Incident, event: IncidentEvent): Values {
  return {
    ...(event.type !== 'declared' && 'by' in event ? { by: person(event.by) } : {}),
    ...ownValues(after, event),
  };
}

function ownValues(after: Incident, event: IncidentEvent): Values {
  switch (event.type) {
    case 'declared':
      return { by: person(event.declaration.declaredBy) ?? event.declaration.source };
    case 'severity-changed':
      return { reason: event.reason, previousSeverity: event.from };
    case 'role-assigned':
      return { role: ROLE_NAMES[event.role], person: person(event.person) };
    case 'update-posted':
      return updateValues(after, event);
    case 'update-missed':
    case 'update-reminded':
      return { dueAt: { at: event.dueAt }, audiences: joinList(event.audiences) };
    case 'mitigation-decided':
      return { decision: event.decision, action: event.action, reason: event.reason };
    case 'mitigation-reported':
      return { outcome: event.outcome, text: event.text };
    case 'monitoring-started':
      return {
        resolution: event.resolution,
        monitoringUntil: moment(after.mitigation.monitoringWindow?.endsAt ?? null),
      };
    case 'recurred':
      return { what: joinList(event.titles) };
    case 'resolved':
      return { resolution: after.mitigation.resolution, outcome: after.outcome };
    case 'reopened':
    case 'closed':
    case 'false-alarm-declared':
      return { reason: event.reason };
    case 'escalated':
      return { to: event.to ?? 'the next level', reason: event.reason };
    case 'escalation-exhausted':
      return { cycle: String(event.cycle) };
    default:
      return {};
  }
}

function updateValues({ phase }: Incident, event: EventOf<'update-posted'>): Values {
  const { text, audience, status, details = {} } = event;
  const { cause, actions, nextSteps, eta, impact } = details;
  const said = { text, audience, status: status ?? phase, cause, actions, nextSteps, eta };
  return impact === undefined ? said : { ...said, impact };
}

/** Without what is not known: an absent value is an empty one. */
function known(values: Values): TextValues {
  return Object.fromEntries(
    Object.entries(values).filter(
      (entry): entry is [string, TextPart] => entry[1] !== null && entry[1] !== undefined && entry[1] !== '',
    ),
  );
}
