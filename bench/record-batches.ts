/** Synthetic records: batches as a projector writes them. Pure. */
import type { IncidentProjection, ProjectionBatch } from '../domain/engine/projection.ts';

const START = Date.parse('2026-01-01T00:00:00Z');
const SEVERITIES = ['SEV1', 'SEV2', 'SEV3', 'SEV4'] as const;

/** Incident `i` with as many timeline lines; one in a hundred is open, one in two hundred is of the team `bench`. */
export function batchOf(i: number, lines: number): ProjectionBatch {
  const incidentId = `01K${String(i).padStart(23, '0')}`;
  const workflowId = `inc-bench-${i % 5000}`;
  const declaredAt = new Date(START + i * 60_000).toISOString();
  const at = declaredAt;
  return {
    ...{
      workflowId,
      incidentId,
      stateVersion: lines,
      projection: headOf(i, { workflowId, id: incidentId, declaredAt }),
    },
    entries: Array.from({ length: lines }, (_, n) => ({
      ...{ seq: n + 1, at: START + n, kind: 'noted', by: 'ana' },
      text: `something happened, and it took a line of usual length to say what (${n})`,
    })),
    deliveries: [{ at, to: 'ana', method: 'webhook', key: `${incidentId}/page/1`, state: 'accepted', reason: null }],
    messages: [{ n: 1, at: START, kind: 'chat', about: 'declared', to: [], text: 'INCIDENT DECLARED'.repeat(10) }],
    alerts: [
      {
        ...{ fingerprint: `f${i}`, status: 'firing', startsAt: at, endsAt: null, links: {} },
        labels: { alertname: 'Down', instance: `host-${i}:9100`, job: 'node', severity: 'critical' },
        annotations: { summary: 'the host does not answer', description: 'x'.repeat(300) },
      },
    ],
  };
}

function headOf(i: number, ids: Pick<IncidentProjection, 'workflowId' | 'id' | 'declaredAt'>): IncidentProjection {
  const isOver = i % 100 !== 0;
  const severity = SEVERITIES[i % 4] ?? 'SEV4';
  return {
    ...{ ...ids, severity, highestSeverity: severity, severityGuessed: false, phase: isOver ? 'closed' : 'declared' },
    ...{
      title: `Trouble number ${i} somewhere`,
      summary: 'the host does not answer',
      outcome: isOver ? 'resolved' : null,
    },
    ...{
      test: false,
      restricted: false,
      team: i % 200 === 0 ? 'bench' : `team-${i % 200}`,
      service: `service-${i % 50}`,
      component: null,
    },
    ...{
      source: 'alertmanager',
      declaredBy: null,
      impact: null,
      decision: null,
      alertCount: 1,
      firingCount: 1,
      truncatedAlerts: 0,
    },
    roles: { ic: 'ana', technicalLead: null, communicationsLead: null, scribe: null },
    ...{ actionItems: [], postmortem: null, peopleInvolved: ['ana'] },
    ...{ acknowledgeDueAt: null, publicDueAt: null },
    ...{ deadlines: [], detectedAt: ids.declaredAt, acknowledgedAt: null, acknowledgedBy: null },
    ...{ acknowledgeDueAt: null, publicDueAt: null },
    ...{ mitigationStartedAt: null, mitigatedAt: null, resolvedAt: isOver ? ids.declaredAt : null, closedAt: null },
    ...{ resolution: null, recurrenceOf: null, mergedInto: null, channel: null, ticket: null, flapping: false, seq: 3 },
  };
}
