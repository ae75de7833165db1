/**
 * What the placeholders of the catalogue stand for, as it is when the event happens: a message delivered late says what
 * was true. A value that is not known is absent. Pure.
 */
import { commandLineName } from '../kernel/commands.ts';
import { roughDuration } from '../kernel/duration.ts';
import type { EventOf, IncidentEvent } from '../kernel/events.ts';
import { adviceOn, impactText } from '../kernel/impact.ts';
import type { Call, Delivery, Incident, TimelineEntry } from '../kernel/incident.ts';
import { holderOf, missingRoles, ROLE_NAMES, roleTitle } from '../kernel/roles.ts';
import { isMajor } from '../kernel/severity.ts';
import type { Text, TextLookup, TextPart, TextValues } from '../kernel/text.ts';
import { joinFirst, joinList, lookupIn, splitCamelCase, truncate } from '../kernel/text.ts';
import { alertName, detectedAt, firingAlerts, mayGoPublic, referenceOf } from '../kernel/queries.ts';
import { actionItemValues, closedValues, postmortemValues, reviewValues } from '../post-incident/follow-up-values.ts';
import { isCalledFixed, publicComponent, publicImpactText, publicStateOf } from './public-state.ts';
import { PUBLIC_HOLDING_LIMIT, updateDueAt } from './update-schedule.ts';

type Value = TextPart | Text | null | undefined;
export type Values = Readonly<Record<string, Value>>;

const NAMES_SHOWN = 10;
const ENTRY_SHOWN = 200;

/** For our own people: what the event itself says, else the incident after it. */
export function textValuesFor(before: Incident, after: Incident, event: IncidentEvent): TextLookup {
  let own: Values | undefined;
  return (name) => {
    own ??= { ...('by' in event ? { by: person(event.by) } : {}), ...eventValues(before, after, event) };
    const value = Object.hasOwn(own, name) ? own[name] : INCIDENT_VALUES[name]?.(after, event.at);
    return isKnown(value) ? value : undefined;
  };
}

/** For everybody: by name, so that nothing becomes public because somebody added it elsewhere. */
export function publicTextValuesFor(after: Incident, event: IncidentEvent): TextLookup {
  const values = known({
    ...publicValues(after, event.at),
    text: event.type === 'update-posted' && event.audience === 'public' ? event.text : null,
    monitoring: event.type === 'update-missed' ? flag(after.phase === 'monitoring') : null,
    identified: flag(publicStateOf(after) === 'Identified'),
    ...(event.type === 'monitoring-started' ? fixValues(after) : {}),
    intoComponent: event.type === 'merged' && event.into.component !== componentOf(after) ? event.into.component : null,
  });
  return lookupIn(values);
}

/** Who says that it is fixed is believed; not while alerts still say otherwise. */
function fixValues(after: Incident): Values {
  const isFixed = isCalledFixed(after);
  return { fixed: flag(isFixed), unproven: flag(isFixed && firingAlerts(after).length > 0) };
}

/** For stakeholder updates to the outside. */
export function externalTextValuesFor(after: Incident, event: IncidentEvent): TextValues {
  return known({
    ...publicValues(after, event.at),
    text: event.type === 'update-posted' && event.audience === 'public' ? event.text : null,
    affected: after.component,
    startedAt: { at: startOf(after) },
    updateEvery: every(after.policy.severities[after.highestSeverity].updateEveryMs),
  });
}

function publicValues(after: Incident, at: number): Values {
  return {
    component: componentOf(after),
    publicImpact: publicImpactText(after),
    state: publicStateOf(after),
    nextUpdate: moment(updateDueAt(after, 'public')),
    time: { at },
  };
}

/** Each is made only for texts that have it: some take a look at every alert. */
const INCIDENT_VALUES: Readonly<Record<string, (after: Incident, at: number) => Value>> = {
  reference: ({ reference }) => reference,
  ref: referenceOf,
  title: ({ title }) => title,
  summary: ({ summary }) => summary,
  severity: ({ severity }) => severity,
  highestSeverity: ({ highestSeverity }) => highestSeverity,
  status: ({ phase }) => phase,
  team: ({ team }) => team,
  service: ({ service }) => service,
  component: ({ component }) => component,
  publicStatus: publicStateOf,
  impact: (after) => truncate(impactOf(after), 1_000),
  affected: ({ component, service, team }) => component ?? service ?? team,
  ic: ({ roles }) => person(roles.ic),
  technicalLead: ({ roles }) => person(roles.technicalLead),
  communicationsLead: ({ roles }) => person(roles.communicationsLead),
  scribe: ({ roles }) => person(roles.scribe),
  wanted: wantedRoles,
  firing: (after) =>
    joinFirst(
      firingAlerts(after).map(({ fingerprint }) => alertName(after, fingerprint)),
      NAMES_SHOWN,
    ),
  startedAt: (after) => ({ at: startOf(after) }),
  duration: ({ declaredAt }, at) => roughDuration(at - declaredAt),
  channel: ({ communications }) => communications.refs['channel'],
  ticket: ({ communications }) => communications.refs['ticket'],
  nextUpdate: (after) => moment(updateDueAt(after, 'internal')),
  updateEvery: ({ policy, severity }) => every(policy.severities[severity].updateEveryMs),
  time: (_after, at) => ({ at }),
  test: ({ test }) => flag(test, 'TEST'),
};

/** What a person said of it; an alert's summary is no impact. */
const impactOf = ({ impact, declaredBy, summary }: Incident): string =>
  impact === null ? (declaredBy === null ? '' : summary) : impactText(impact);
const componentOf = ({ component }: Incident): string => publicComponent(component);
const startOf = (incident: Incident): number => detectedAt(incident) ?? incident.declaredAt;
const moment = (at: number | null): TextPart | null => (at === null ? null : { at });
const person = (name: string | null): TextPart | null => (name === null ? null : { person: name });
/** For sections that depend on a fact. */
const flag = (is: boolean, word = 'yes'): string | null => (is ? word : null);
const count = (n: number, what: string): string => `${n} ${what}${n === 1 ? '' : 's'}`;
const some = (words: readonly string[]): string =>
  joinFirst(
    words.map((word) => truncate(word, 200)),
    5,
    1_100,
  );

function every(ms: number | null): string | null {
  if (ms === null) return null;
  const minutes = Math.round(ms / 60_000);
  return minutes % 60 === 0 && minutes > 60 ? `${minutes / 60} hours` : `${minutes} minutes`;
}

/** "technical (operations) lead and scribe": roles that the severity asks for and nobody has. */
function wantedRoles(incident: Incident): string {
  const missing = missingRoles(incident);
  return missing.length === 0 ? '' : joinList(missing.map(roleTitle));
}

/** What `event` itself says. */
function eventValues(before: Incident, after: Incident, event: IncidentEvent): Values {
  switch (event.type) {
    case 'declared': {
      const { declaration } = event;
      const by = person(declaration.declaredBy) ?? declaration.source;
      return { by, guessed: flag(after.severityGuessed), recurrenceOf: declaration.recurrenceOf };
    }
    case 'alerts-fired':
      return { count: count(event.alerts.length, 'alert'), alerts: some(event.alerts.map(({ title }) => title)) };
    case 'alerts-left-out':
    case 'left-out-questioned':
      return { count: `${count(event.count, 'alert')} ${event.count === 1 ? 'was' : 'were'}`, source: event.source };
    case 'service-joined':
      return { alerts: joinedText(event), services: event.services.join(', '), teams: event.teams.join(', ') };
    case 'alert-changed':
      return { alerts: some(event.changes.map(changeText)) };
    case 'alerts-cleared':
      return { count: count(event.alerts.length, 'alert') };
    case 'alerts-suppressed':
      return { windows: event.windows, alerts: some(event.titles) };
    case 'alerts-stale':
      return staleValues(after, event);
    case 'late-copies-noted':
      return { source: event.source, alerts: alertNames(after, event.newlyNoted) };
    case 'late-copies-unverified':
      return lateCopyValues(after, event);
    case 'alerts-ignored':
      return { alerts: some(event.fingerprints.map((fingerprint) => alertName(after, fingerprint))) };
    case 'groups-joined':
      return { count: count(event.groups.length, 'group'), alerts: some(event.groups.map(({ title }) => title)) };
    case 'split-off':
      return { group: event.group.title };
    case 'fallback-paged':
      return { paged: deliveriesText(event.deliveries) };
    case 'paged':
      return pagedValues(event);
    case 'page-failed':
      return { reason: event.reason, again: flag(event.again) };
    case 'level-unreachable':
      return { level: String(event.level), reason: event.reason };
    case 'escalation-exhausted':
      return { cycle: String(event.cycle), last: flag(event.last) };
    case 'acknowledged':
      return acknowledgedValues(before, after, event);
    case 'seen':
      return seenValues(before, after, event);
    case 'call-unanswered':
      return callValues(event.call);
    case 'escalated':
      return { to: person(event.to) ?? 'the next level', reason: event.reason };
    case 'business-day-set':
      return { dueAt: { at: event.dueAt }, timeZone: event.timeZone, tzdata: event.tzdata };
    case 'inactivity-nudged':
      return { holder: person(holderOf(after)) };
    case 'inactivity-paged':
      return { holder: person(holderOf(after)) ?? 'the on-call' };
    case 'role-assigned': {
      const role = ROLE_NAMES[event.role];
      const assignedBy = event.by === event.person ? null : person(event.by);
      return { ...(event.role === 'ic' ? handOverValues(after) : {}), role, person: person(event.person), assignedBy };
    }
    case 'severity-changed': {
      // Not before anybody is there to give the roles.
      const asksForMore = missingRoles(after).length > missingRoles(before).length && after.acknowledgedAt !== null;
      return {
        reason: event.reason,
        previousSeverity: event.from,
        newlyWanted: asksForMore ? wantedRoles(after) : null,
      };
    }
    case 'impact-assessed':
      return { advice: adviceOn(event.impact, after.severity) };
    case 'update-posted':
      return updateValues(after, event);
    case 'update-reminded':
      return {
        dueAt: { at: event.dueAt },
        ...audienceValues(event),
        inShort: truncate(after.impact === null ? after.summary || after.title : impactText(after.impact), 350),
      };
    case 'update-missed':
      return {
        dueAt: { at: event.dueAt },
        ...audienceValues(event),
        missedInternal: flag(event.audiences.includes('internal')),
        held: flag(event.audiences.includes('internal') || publicHolding(before, after, event) === 'new'),
        renewed: flag(publicHolding(before, after, event) === 'renewed'),
      };
    case 'public-deadline-missed':
      return { dueAt: { at: event.dueAt } };
    case 'public-communication-started':
    case 'reopened':
    case 'false-alarm-declared':
    case 'policy-kept':
      return { reason: event.reason };
    case 'note-added':
    case 'cause-identified':
      return { text: event.text };
    case 'mitigation-decided': {
      const { decision, action, reason } = event;
      return { decision, action, reason, rollback: flag(decision === 'rollback') };
    }
    case 'mitigation-reported': {
      const { outcome, text } = event;
      return {
        outcome,
        text,
        worked: flag(outcome === 'worked'),
        rollback: flag(after.mitigation.decision === 'rollback'),
        detail: text === null ? null : sentence(text),
        called: peopleText(after.policy.rollbackFailed),
      };
    }
    case 'monitoring-started': {
      const { by, resolution } = event;
      const fix = by === null ? null : sentence(resolution ?? 'no details given');
      return { resolution, monitoringUntil: moment(after.mitigation.monitoringWindow?.endsAt ?? event.at), fix };
    }
    case 'resolve-confirmed':
      return { resolution: event.resolution };
    case 'recurred':
      return { what: some(event.titles), flapping: flag(after.alerts.flapping) };
    case 'resolved': {
      const { mitigation, outcome } = after;
      return {
        resolution: mitigation.resolution,
        outcome,
        byItself: flag(outcome === 'auto-recovered'),
        ...postmortemValues(after),
      };
    }
    case 'closed':
      return { reason: event.reason, ...closedValues(after) };
    case 'evidence-settled':
      return { hook: event.hook, problem: event.problem };
    case 'follow-ups-reviewed':
      return reviewValues(after, event);
    case 'postmortem-completed':
      return { postmortemUrl: event.url };
    case 'action-item-added':
    case 'action-item-completed':
      return actionItemValues(after, event);
    case 'merge-requested': {
      const { into, duplicate } = event;
      return duplicate === undefined
        ? { into }
        : { into: duplicate.reference ?? into, alert: alertName(after, duplicate.fingerprint) };
    }
    case 'merge-refused':
      return { into: before.merge.pendingMerge?.duplicate?.reference ?? event.into, reason: event.reason };
    case 'merged':
      return { into: event.into.name, sameAlert: flag(before.merge.pendingMerge?.duplicate !== undefined) };
    case 'merge-target-changed':
      return { into: event.into.name };
    case 'merge-target-closed':
      return { target: after.merge.mergedTo?.name };
    case 'incident-merged-in':
    case 'merged-incident-released':
    case 'acknowledgement-required':
      return { from: event.from.name };
    case 'policy-moved':
      return { digest: event.policy.digest };
    case 'notification-failed':
      return { channel: splitCamelCase(event.what, ' '), reason: event.reason, givenUp: flag(event.givenUp) };
    case 'command-refused':
      return { command: commandLineName(event.command), reason: event.reason };
    default:
      return {};
  }
}

/** None when nothing is stale that was not before: that was said already. */
function staleValues(incident: Incident, event: EventOf<'alerts-stale'>): Values {
  const { source, newlyStale, unreportedMs, answer } = event;
  if (newlyStale.length === 0) return {};
  return {
    source,
    alerts: alertNames(incident, newlyStale),
    them: newlyStale.length === 1 ? 'it' : 'them',
    unreported: roughDuration(unreportedMs),
    absent: flag(event.absent === true),
    [answer]: 'yes',
  };
}

/** "DatabaseDown orders, RedisDown orders and 3 more". */
function joinedText({ titles, count: n }: EventOf<'service-joined'>): string {
  const more = n > titles.length ? ` and ${n - titles.length} more` : '';
  return `${some(titles)}${more}`;
}

/** "disk 99% on db1 (SEV3 → SEV2)". */
function changeText({ alert, severityBefore }: EventOf<'alert-changed'>['changes'][number]): string {
  const title = truncate(alert.title, 150);
  return alert.severity === severityBefore ? title : `${title} (${severityBefore} → ${alert.severity})`;
}

function audienceValues({ audiences }: EventOf<'update-reminded' | 'update-missed'>): Values {
  return {
    audiences: joinList(audiences),
    both: flag(audiences.length > 1),
    forPublic: flag(audiences.includes('public')),
  };
}

function lateCopyValues(incident: Incident, { source, fingerprints }: EventOf<'late-copies-unverified'>): Values {
  const isOne = fingerprints.length === 1;
  const alerts = alertNames(incident, fingerprints);
  return {
    ...{ source, alerts, they: isOne ? 'it' : 'they', fire: isOne ? 'fires' : 'fire' },
    mayReopen: flag(incident.phase === 'monitoring' || incident.phase === 'resolved'),
  };
}

function alertNames(incident: Incident, fingerprints: readonly string[]): string {
  const names = fingerprints.map((fingerprint) => alertName(incident, fingerprint));
  return joinFirst(names, NAMES_SHOWN);
}

function pagedValues({ deliveries, unknown, again, unsettled, audibleFrom }: EventOf<'paged'>): Values {
  const isNobody = deliveries.length + unknown.length === 0 && !again && audibleFrom === undefined;
  return {
    paged: deliveriesText(deliveries.filter(({ state }) => state === 'accepted')),
    retrying: deliveriesText(deliveries.filter(({ state }) => state === 'retrying')),
    sending: deliveriesText(deliveries.filter(({ state }) => state === 'sending')),
    failed: deliveriesText(deliveries.filter(({ state }) => state === 'failed')),
    missing: unknown.map((name) => `"${name}"`).join(', '),
    again: flag(again && unsettled === undefined),
    audibleFrom: moment(audibleFrom ?? null),
    nobody: flag(isNobody),
  };
}

/** "ana by webhook, bo by sms (refused)". */
function deliveriesText(deliveries: readonly Delivery[]): Text | null {
  const texts = deliveries.map(({ to, method, state, reason }, i): Text => {
    const why = state === 'failed' || state === 'retrying' ? ` (${reason ?? 'no reason given'})` : '';
    return [i === 0 ? '' : ', ', { person: to }, ` by ${method}${why}`];
  });
  return texts.length === 0 ? null : texts.flat();
}

function peopleText(people: readonly string[]): Text | null {
  return people.length === 0 ? null : people.flatMap((name, i) => [i === 0 ? '' : ', ', { person: name }]);
}

function seenValues(before: Incident, after: Incident, { by }: EventOf<'seen'>): Values {
  const open = after.escalation.calls ?? [];
  const answered = before.escalation.calls?.find(({ n }) => !open.some((call) => call.n === n));
  return {
    leadership: flag(before.escalation.leadershipPaged.includes(by)),
    waiting: flag(after.escalation.open),
    ...(answered === undefined ? {} : callValues(answered)),
  };
}

function callValues({ reason, cause, names, people, since }: Call): Values {
  const called = people.length === 0 ? names : people;
  return {
    called: peopleText(called),
    have: called.length === 1 ? 'has' : 'have',
    about: reason === 'by-hand' ? null : reason.replaceAll('-', ' '),
    since: { at: since },
    mine: flag(cause.calledBy !== null),
    reached: flag(people.length > 0),
  };
}

function acknowledgedValues(before: Incident, after: Incident, { by, byToken }: EventOf<'acknowledged'>): Values {
  const isFirst = before.acknowledgedAt === null;
  const commands = after.roles.ic === by && (isFirst || before.roles.ic !== by);
  return {
    first: flag(isFirst),
    byToken: flag(byToken === true),
    unassessed: flag(after.impact === null && !after.test),
    command: flag(commands),
    major: flag(isMajor(after.severity)),
    ...(isFirst ? {} : { ...handOverValues(after), role: ROLE_NAMES.ic }),
  };
}

/** For the person who takes command: where it stands, what was decided, what is due. */
function handOverValues(incident: Incident): Values {
  const { declaredAt, impact, cause, mitigation, projection } = incident;
  return {
    handOver: 'yes',
    declaredAt: { at: declaredAt },
    assessed: impact === null ? null : truncate(impactText(impact), 500),
    decision: mitigation.decision,
    cause: cause === undefined ? null : truncate(cause.text, 500),
    lastEntries: (projection.byPeople ?? []).flatMap((entry, i) => [
      i === 0 ? '' : '\n',
      { at: entry.at },
      ' ',
      ...shortened(entry),
    ]),
  };
}

/** On one line; with who said it, where the words do not name them. */
function shortened({ by, text, parts = [text] }: TimelineEntry): Text {
  let room = ENTRY_SHOWN;
  const words = parts.map((part): TextPart => {
    if (typeof part !== 'string') return part;
    const shown = truncate(part.replaceAll('\n', ' '), Math.max(1, room));
    room -= shown.length;
    return shown;
  });
  const isNamed = words.some((part) => typeof part === 'object' && 'person' in part && part.person === by);
  return by === null || isNamed ? words : [{ person: by }, ': ', ...words];
}

function updateValues({ phase }: Incident, event: EventOf<'update-posted'>): Values {
  const { text, audience, status, details = {} } = event;
  const { cause, actions, nextSteps, eta, impact } = details;
  const values = { text, audience, status: status ?? phase, cause, actions, nextSteps, eta };
  const forPublic = flag(audience === 'public');
  return impact === undefined ? { ...values, forPublic } : { ...values, forPublic, impact };
}

/** The public page gets only so many holding updates in a row as entries of their own; then the last one is renewed. */
export function publicHolding(
  before: Incident,
  after: Incident,
  { audiences }: EventOf<'update-missed'>,
): 'new' | 'renewed' | null {
  if (!audiences.includes('public') || !mayGoPublic(after)) return null;
  const { publicSchedule, holdingEntry } = before.communications;
  if ((publicSchedule?.holdingUpdates ?? 0) < PUBLIC_HOLDING_LIMIT) return 'new';
  if (after.policy.publicPromises !== true) return null;
  return holdingEntry === undefined ? 'new' : 'renewed';
}

/** A person's words, so that others can follow them. */
function sentence(text: string): string {
  return /[.!?…]$/.test(text) ? text : `${text}.`;
}

export function known(values: Values): TextValues {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => isKnown(value))) as TextValues;
}

function isKnown(value: Value): value is TextPart | Text {
  return value !== null && value !== undefined && value !== '' && !(Array.isArray(value) && value.length === 0);
}
