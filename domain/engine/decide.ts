/**
 * Judges a command against an incident: what it causes, that its effect already holds, or why it cannot be. One
 * function for both updates and signals. RUNBOOK §4. Pure; never throws.
 */
import type { Command, UpdateDetails } from '../kernel/commands.ts';
import { FIX_FORWARD_TICKS, phasesAllowing } from '../kernel/commands.ts';
import { addActionItem, completeActionItem, completePostmortem } from '../post-incident/action-items.ts';
import { incidentIdsOf, mergeTarget } from '../kernel/merge-messages.ts';
import { alertDetailsOf, firingAlerts, referenceOf } from '../kernel/queries.ts';
import type { Decision, Refuse } from '../kernel/decision.ts';
import { accept, already } from '../kernel/decision.ts';
import { isCalled } from '../escalation/calls.ts';
import { startNextLevel } from '../escalation/escalation.ts';
import { isStillPaging } from '../escalation/unsettled-pages.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import { standardUpdate } from '../communications/public-state.ts';
import { evolve } from './evolve.ts';
import type { Incident } from '../kernel/incident.ts';
import { alertName } from '../kernel/queries.ts';
import { adviceOn, assessed } from '../kernel/impact.ts';
import { commandsAllowedNow } from './allowed-commands.ts';
import { notPossibleNow } from './refusals.ts';
import { decideMerge } from '../merge/merge.ts';
import { isWorse } from '../kernel/severity.ts';
import { alertsOfGroup, groupNamed } from '../alerts/storm.ts';
import { holderOf, ROLE_NAMES } from '../kernel/roles.ts';
import { truncate, type Text } from '../kernel/text.ts';

export function decide(incident: Incident, command: Command, at: number): Decision {
  const decision = decideForPerson(incident, command, at);
  return decision.refused || !command.byToken ? decision : withoutPerson(incident, command, decision);
}

/** A token bound to nobody does what a person may do, but takes no role: the answer asks for a commander. */
function withoutPerson(incident: Incident, { by }: Command, decision: Decision & { refused: false }): Decision {
  const events = decision.events.map((event) =>
    'by' in event && event.by === by ? { ...event, byToken: true as const } : event,
  );
  const after = events.reduce(evolve, incident);
  const { test, roles } = after;
  const asks = !test && roles.ic === null && events.some(({ type }) => type === 'acknowledged');
  const name = referenceOf(after);
  const ask = ` Nobody is incident commander: tocsin assign ${name} ic NAME, or tocsin ack ${name} --as NAME.`;
  return { refused: false, events, text: asks ? [...[decision.text].flat(), ask] : decision.text };
}

function decideForPerson(incident: Incident, command: Command, at: number): Decision {
  const refuse = (reason: string): Decision => ({ refused: true, reason, allowed: commandsAllowedNow(incident) });
  if (command.incidentId !== undefined && !isKnownAs(incident, command.incidentId)) {
    return refuse(
      `this was meant for incident ${command.incidentId}, which is over; the incident now is ${incident.incidentId}`,
    );
  }
  if (!phasesAllowing(command.type).includes(incident.phase)) return refuse(notPossibleNow(incident, command.type));
  return decideByType(incident, command, at, refuse);
}

/** True for its own id, an id that the server chose while Temporal was away, and ids merged into this incident. */
function isKnownAs(incident: Incident, name: string): boolean {
  return incidentIdsOf(incident).includes(name);
}

function decideByType(incident: Incident, command: Command, at: number, refuse: Refuse): Decision {
  const { by } = command;
  switch (command.type) {
    case 'acknowledge':
      return acknowledge(incident, command, at);
    case 'decline':
      if (!incident.escalation.paged.includes(by)) return refuse(`${by} was not paged, so there is nothing to decline`);
      return accept('Declined: the next level is paged.', { type: 'declined', at, by });
    case 'assignRole':
      return assignRole(incident, command, at);
    case 'setSeverity':
      return setSeverity(incident, command, at);
    case 'postUpdate':
      return postUpdate(incident, command, at, refuse);
    case 'assessImpact':
      return assessImpact(incident, command, at);
    case 'cause':
      return incident.cause?.text === command.text
        ? already('That is known already.')
        : accept('Noted.', { type: 'cause-identified', at, by, text: command.text });
    case 'addNote':
      return accept('Noted.', { type: 'note-added', at, by, text: command.text });
    case 'decideMitigation':
      return decideMitigation(incident, command, at, refuse);
    case 'reportMitigation':
      return accept(
        command.outcome === 'worked'
          ? `Good. When customer impact has recovered: tocsin resolve ${referenceOf(incident)} --resolution "…"`
          : 'Recorded.',
        { type: 'mitigation-reported', at, by, outcome: command.outcome, text: command.text ?? null },
      );
    case 'resolve':
      return resolve(incident, command, at);
    case 'reopen':
      if (incident.phase === 'closed' && mergeTarget(incident) === null)
        return refuse('a closed incident cannot be reopened: declare a new one (tocsin declare)');
      return reopen(incident, command, at);
    case 'declareFalseAlarm':
      return accept('Closed as a false alarm.', { type: 'false-alarm-declared', at, by, reason: command.reason });
    case 'runAction':
      return refuse(
        `this version runs no actions: run "${truncate(command.action, 100)}" by hand, then note what came of it (tocsin note ${referenceOf(incident)} "…")`,
      );
    case 'merge':
      return decideMerge(incident, command, at, refuse);
    case 'split':
      return split(incident, command, at, refuse);
    case 'escalate':
      return escalate(incident, command, at, refuse);
    case 'movePolicy':
      return incident.policyMoveRequestedBy === null
        ? accept("It will run by today's configuration.", { type: 'policy-move-requested', at, by })
        : already("Already switching to today's configuration.");
    case 'addActionItem':
      return addActionItem(incident, command, at, refuse);
    case 'completeActionItem':
      return completeActionItem(incident, command, at, refuse);
    case 'completePostmortem':
      return completePostmortem(incident, command, at);
    case 'close':
      return accept('Closed.', { type: 'closed', at, by, reason: command.reason ?? null });
  }
}

function acknowledge(incident: Incident, { by, byToken }: Command, at: number): Decision {
  const { escalation, acknowledgedAt } = incident;
  const holder = holderOf(incident);
  // A token has acknowledged, and now a person takes it.
  const isFree = holder === null && !byToken;
  if (acknowledgedAt !== null && !escalation.open && !isFree) {
    const text = holder === null ? 'Acknowledged already.' : hasIt(holder);
    // This stops their own page, and calls them no more.
    if (isStillPaging(incident, by) || isCalled(incident, by)) return accept(text, { type: 'seen', at, by });
    return incident.escalation.inactivity === null
      ? already(text)
      : accept(['Good: ', { person: by }, ' is still on it.'], { type: 'still-on-it', at, by });
  }
  // Cleared before anyone had it: taking it now is welcome, and ends the wait for a first answer.
  const onlyLeadership = incident.escalation.leadershipPaged.includes(by) && !incident.escalation.paged.includes(by);
  if (onlyLeadership && (escalation.open || isCalled(incident, by))) {
    const text = `Seen. Nobody has it yet. To take command: tocsin assign ${referenceOf(incident)} ic ${by}`;
    return accept(text, { type: 'seen', at, by });
  }
  return accept(byToken ? `Acknowledged by ${by}.` : hasIt(by), { type: 'acknowledged', at, by });
}

const hasIt = (person: string): Text => [{ person }, ' has it.'];

function postUpdate(
  incident: Incident,
  command: Command & { type: 'postUpdate' },
  at: number,
  refuse: Refuse,
): Decision {
  const { by, audience, status = null } = command;
  const text = command.text ?? (status === null ? null : standardUpdate(incident, status));
  if (text === null) return refuse('nothing to say: give a text, a status or both');
  if (audience === 'public' && incident.restricted) return refuse('a restricted incident never goes public');
  if (audience === 'public' && incident.test) return refuse('a test never goes public');
  if (incident.phase === 'resolved' && status !== null && status !== 'Resolved') {
    const reopen = `tocsin reopen ${referenceOf(incident)} --reason "…"`;
    return refuse(`the public state of a resolved incident is Resolved; if it is not over, reopen it (${reopen})`);
  }
  return accept('Posted.', { type: 'update-posted', at, by, text, audience, status, ...detailsOf(command) });
}

/** Reopening an incident that nobody had acknowledged also acknowledges it. */
function reopen({ acknowledgedAt }: Incident, { by, reason }: Command & { type: 'reopen' }, at: number): Decision {
  const takes = acknowledgedAt === null ? [{ type: 'acknowledged', at, by } as const] : [];
  return accept('Reopened.', { type: 'reopened', at, by, reason }, ...takes);
}

function assessImpact(incident: Incident, command: Command & { type: 'assessImpact' }, at: number): Decision {
  const impact = assessed(incident.impact, command);
  if (JSON.stringify(impact) === JSON.stringify(incident.impact)) return already('That is known already.');
  const advice = adviceOn(impact, incident.severity);
  return accept(advice === '' ? 'Noted.' : `Noted. ${advice}`, { type: 'impact-assessed', at, by: command.by, impact });
}

/** Only the details that the command has. */
function detailsOf(command: Command & { type: 'postUpdate' }): { readonly details?: UpdateDetails } {
  const { impact, cause, actions, nextSteps, eta } = command;
  const said = Object.entries({ impact, cause, actions, nextSteps, eta }).filter(([, text]) => text !== undefined);
  return said.length === 0 ? {} : { details: Object.fromEntries(said) };
}

function assignRole(incident: Incident, command: Command & { type: 'assignRole' }, at: number): Decision {
  const { by, role, person } = command;
  if (incident.roles[role] === person) return already([{ person }, ` is already ${ROLE_NAMES[role]}.`]);
  const assigned: IncidentEvent = { type: 'role-assigned', at, by, role, person };
  // Taking command of an unacknowledged incident acknowledges it.
  const takes = role === 'ic' && incident.escalation.open;
  return accept(
    [{ person }, ` is ${ROLE_NAMES[role]}.`],
    assigned,
    ...(takes ? [{ type: 'acknowledged', at, by: person } as const] : []),
  );
}

function setSeverity(incident: Incident, command: Command & { type: 'setSeverity' }, at: number): Decision {
  const { by, severity, reason } = command;
  if (severity === incident.severity) return already(`Severity is already ${severity}.`);
  const changed: IncidentEvent = { type: 'severity-changed', at, by, from: incident.severity, to: severity, reason };
  const lowered = isWorse(incident.severity, severity);
  // Lowering the severity of an unacknowledged incident acknowledges it: somebody has looked at it.
  const takes = lowered && incident.escalation.open;
  return accept(`Severity is now ${severity}.`, changed, ...(takes ? [{ type: 'acknowledged', at, by } as const] : []));
}

function decideMitigation(
  incident: Incident,
  command: Command & { type: 'decideMitigation' },
  at: number,
  refuse: Refuse,
): Decision {
  const { by, decision, action, reason, ticks = [] } = command;
  const missing = FIX_FORWARD_TICKS.filter((tick) => !ticks.includes(tick));
  if (decision === 'fix-forward' && missing.length > 0) {
    return refuse(
      `a fix forward must be minor, well understood and faster than a rollback: add ${missing.map((tick) => `--tick ${tick}`).join(' ')}, or roll back (tocsin decide ${referenceOf(incident)} rollback)`,
    );
  }
  if (incident.phase === 'mitigating' && incident.mitigation.decision === decision)
    return already(decision === 'rollback' ? 'Already rolling back.' : 'Already fixing forward.');
  const decided: IncidentEvent = {
    type: 'mitigation-decided',
    at,
    by,
    decision,
    action: action ?? null,
    reason: reason ?? null,
  };
  const name = referenceOf(incident);
  const words = decision === 'rollback' ? 'roll back' : 'fix forward';
  return accept(
    `Recorded: ${words}. Do it, then say how it went: tocsin mitigation ${name} worked, or failed.`,
    decided,
  );
}

function resolve(incident: Incident, command: Command & { type: 'resolve' }, at: number): Decision {
  const { by, resolution, ignoreAlerts = [] } = command;
  const ignored = firingAlerts(incident)
    .map(({ fingerprint }) => fingerprint)
    .filter((fingerprint) => ignoreAlerts.some((name) => name === fingerprint || isNamed(incident, fingerprint, name)));
  const events: IncidentEvent[] = [];
  if (ignored.length > 0) events.push({ type: 'alerts-ignored', at, by, fingerprints: ignored });
  if (incident.phase === 'declared') events.push({ type: 'acknowledged', at, by });
  if (incident.phase !== 'monitoring') events.push({ type: 'monitoring-started', at, by, resolution });
  else if (incident.mitigation.monitoringWindow?.confirmed !== true)
    events.push({ type: 'resolve-confirmed', at, by, resolution });
  if (events.length === 0) return already('Already resolved: the monitoring window is running.');
  return accept(resolveText(incident, events), ...events);
}

function isNamed(incident: Incident, fingerprint: string, name: string): boolean {
  return alertDetailsOf(incident, fingerprint)?.labels['alertname'] === name;
}

function resolveText(incident: Incident, events: readonly IncidentEvent[]): string {
  const after = events.reduce(evolve, incident);
  const left = firingAlerts(after);
  if (left.length === 0) return 'Monitoring.';
  const names = left.slice(0, 10).map(({ fingerprint }) => alertName(after, fingerprint));
  return `Monitoring, but ${left.length} still firing: ${names.join(', ')}. The window cannot end until they clear or are ignored by name (--ignore-alert).`;
}

function split(incident: Incident, { by, alert }: Command & { type: 'split' }, at: number, refuse: Refuse): Decision {
  if (incident.alerts.storm === undefined) return refuse('only a storm can be split: this is an incident of one group');
  const group = groupNamed(incident, alert);
  if (group === null) return refuse(`no group of this storm is called "${truncate(alert, 100)}"`);
  const fingerprints = alertsOfGroup(incident, group);
  return accept(`"${group.title}" gets an incident of its own: ${group.workflowId}.`, {
    type: 'split-off',
    at,
    by,
    group,
    fingerprints,
  });
}

function escalate(incident: Incident, command: Command & { type: 'escalate' }, at: number, refuse: Refuse): Decision {
  const { by, to, reason } = command;
  if (incident.test) return refuse('a test never escalates');
  const escalated: IncidentEvent = { type: 'escalated', at, by, to: to ?? null, reason };
  if (to !== undefined) return accept([{ person: to }, ' is paged.'], escalated);
  const next = incident.escalation.open ? startNextLevel(incident, at, at).map(byHand) : [];
  if (incident.escalation.open && !next.some(({ type }) => type === 'level-started')) {
    return refuse('the escalation is exhausted and has no next level: name the person to page (--to NAME)');
  }
  return accept('The next level is paged.', escalated, ...next);
}

function byHand(event: IncidentEvent): IncidentEvent {
  return event.type === 'level-started' ? { ...event, reason: 'by-hand' } : event;
}
