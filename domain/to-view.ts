/** An incident as the outside sees it. Pure. */
import { nextUpdate, updateDueAt } from './clocks.ts';
import { nextInChain } from './escalation.ts';
import type { Incident } from './incident.ts';
import type { IncidentView, TimelineView } from './view.ts';
import { nextInWatch } from './watch.ts';

export interface Deadline {
  readonly kind: string;
  readonly at: number;
  readonly text: string;
}

/** What happens next and when, soonest first. */
export function deadlines(incident: Incident): readonly Deadline[] {
  const found: (Deadline | null)[] = [...chainDeadlines(incident), watchDeadline(incident)];
  for (const audience of ['internal', 'public'] as const) {
    const at = updateDueAt(incident, audience);
    if (at !== null) found.push({ kind: `${audience}-update`, at, text: `${audience} update due` });
  }
  const update = nextUpdate(incident);
  if (update?.act === 'go-public') found.push({ kind: 'public-entry', at: update.at, text: 'first public entry' });
  return found.filter((deadline) => deadline !== null).sort((a, b) => a.at - b.at);
}

/** The next step of the ladder, and the next level behind it. */
function chainDeadlines(incident: Incident): readonly Deadline[] {
  const due = nextInChain(incident);
  const { chain, policy } = incident;
  if (due === null || chain.nextLevelAt === null) return [];
  const end = chain.level >= policy.levels.length;
  const text = end ? 'the chain starts again' : `level ${chain.level + 1} is paged unless somebody acknowledges`;
  const escalation: Deadline = { kind: 'escalation', at: chain.nextLevelAt, text };
  if (due.act === 'climb') return [escalation];
  return [{ kind: 'page-again', at: due.at, text: `level ${chain.level} is paged again` }, escalation];
}

function watchDeadline(incident: Incident): Deadline | null {
  const due = nextInWatch(incident);
  if (due === null) return null;
  const texts = { ask: 'the IC is asked to confirm', resolve: 'resolved if quiet', 'end-test': 'the test ends' };
  return { kind: 'watch-end', at: due.at, text: texts[due.act] };
}

function rfc(at: number | null): string | null {
  return at === null ? null : new Date(at).toISOString();
}

export function toView(incident: Incident): IncidentView {
  const states = Object.values(incident.alerts);
  return {
    id: null,
    workflowId: incident.workflowId,
    episode: incident.episode,
    title: incident.title,
    summary: incident.summary,
    severity: incident.severity,
    highestSeverity: incident.highestSeverity,
    severityGuessed: incident.severityGuessed,
    phase: incident.phase,
    outcome: incident.outcome,
    test: incident.test,
    restricted: incident.restricted,
    team: incident.team,
    service: incident.service,
    roles: incident.roles,
    impact: null,
    alerts: Object.entries(incident.details).flatMap(([fingerprint, details]) => {
      const state = incident.alerts[fingerprint];
      if (state === undefined) return [];
      const { status, startsAt, endsAt } = state;
      return [{ fingerprint, status, startsAt: new Date(startsAt).toISOString(), endsAt: rfc(endsAt), ...details }];
    }),
    alertCount: states.length,
    firingCount: states.filter(({ status }) => status === 'firing').length,
    truncatedAlerts: incident.truncated,
    deadlines: deadlines(incident).map(({ kind, at, text }) => ({ kind, at: new Date(at).toISOString(), text })),
    deliveries: incident.deliveries.map((delivery) => ({ ...delivery, at: new Date(delivery.at).toISOString() })),
    detectedAt: rfc(incident.detectedAt),
    declaredAt: new Date(incident.declaredAt).toISOString(),
    acknowledgedAt: rfc(incident.acknowledgedAt),
    mitigatedAt: rfc(incident.mitigatedAt),
    resolvedAt: rfc(incident.resolvedAt),
    closedAt: rfc(incident.closedAt),
    recurrenceOf: incident.recurrenceOf,
    mergedInto: incident.mergedInto,
    channel: null,
    ticket: null,
    flapping: incident.flapping,
    seq: incident.seq,
  };
}

export function toTimeline({ timeline, cut }: Incident): TimelineView {
  return { timeline: timeline.map((line) => ({ ...line, at: new Date(line.at).toISOString() })), cut };
}
