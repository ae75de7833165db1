/**
 * Carries out the follow-ups of an incident that is over: the export and the draft at once, evidence before it expires,
 * reminders during the team's hours, and closing when nothing is left. `domain/post-incident/follow-ups.ts` decides
 * what is due.
 */
import { hasPendingProjection } from '../../domain/engine/projection.ts';
import { draftLateAt, evidenceEndsAt, followUpsAreDone, owesDraft } from '../../domain/post-incident/follow-ups.ts';
import { isOpen } from '../../domain/kernel/phase.ts';
import type { ReviewDue } from '../../domain/post-incident/reviews.ts';
import { reviewFindings, nextReview } from '../../domain/post-incident/reviews.ts';
import { notifications } from '../activity-proxies.ts';
import type { IncidentRun } from '../incident-run.ts';

/** The pause after a failed call. */
const PAUSE_MS = 5 * 60_000;
const CALLS = 'duty ';

/** Export, draft and evidence may still be finished after closing; people are reminded only until then. */
export function doFollowUps(run: IncidentRun): void {
  if (isOpen(run.incident.phase)) return;
  writeTheDraft(run);
  for (const hook of run.incident.postIncident.followUps?.evidence ?? []) gather(run, hook);
  remind(run);
  if (!followUpsAreDone(run.incident)) return;
  run.record({ type: 'closed', at: Date.now(), by: null, reason: 'nothing left to do' });
}

/** On reopening; the next resolution starts all follow-ups anew. */
export function cancelFollowUps(run: IncidentRun): void {
  run.cancelCalls((name) => name.startsWith(CALLS));
}

/** The draft is made from the records, so they must be complete first. Retried until it succeeds. */
function writeTheDraft(run: IncidentRun): void {
  if (!owesDraft(run.incident)) return;
  const lateAt = draftLateAt(run.incident);
  if (lateAt !== null && lateAt <= Date.now()) run.record({ type: 'draft-late', at: Date.now() });
  else if (lateAt !== null) run.wakeAt(lateAt, 'export and draft are due');
  if (hasPendingProjection(run.incident)) return;
  const { incidentId } = run.incident;
  insist(run, 'export and draft', {
    act: () => notifications.preparePostIncident.executeWithOptions({ summary: 'export and draft' }, [{ incidentId }]),
    done: () => run.record({ type: 'draft-ready', at: Date.now() }),
  });
}

function gather(run: IncidentRun, hook: string): void {
  const { incident } = run;
  const { reference, workflowId, incidentId, severity, title, team, service, postIncident } = incident;
  const settle = (problem: string | null): void =>
    run.record({ type: 'evidence-settled', at: Date.now(), hook, problem });
  const request = {
    hook,
    key: `${incidentId}/evidence/${postIncident.followUps?.resolutionCount ?? 1}/${hook}`,
    incident: { id: incidentId, reference, workflowId, severity, title, team, service },
    from: incident.alerts.detectedAt ?? incident.declaredAt,
    to: incident.resolvedAt ?? Date.now(),
  };
  insist(run, `evidence: ${hook}`, {
    act: () => notifications.gatherEvidence.executeWithOptions({ summary: `evidence: ${hook}` }, [request]),
    done: ({ problem }) => settle(problem),
    failed: (reason) => {
      const isOver = Date.now() >= evidenceEndsAt(run.incident);
      if (isOver) settle(reason);
      return !isOver;
    },
  });
}

/** Asks the calendar when the next review is due and records its answer; at that time people are reminded. */
function remind(run: IncidentRun): void {
  for (;;) {
    const due = nextReview(run.incident, Date.now());
    if (due === null) return;
    if (due.act === 'ask') {
      plan(run, due);
      return;
    }
    if (due.at > Date.now()) {
      run.wakeAt(due.at, 'remind of what is left to do');
      return;
    }
    const at = Date.now();
    run.record({ type: 'follow-ups-reviewed', at, ...reviewFindings(run.incident, at) });
  }
}

function plan(run: IncidentRun, { from, after: at, want }: ReviewDue & { act: 'ask' }): void {
  const { team } = run.incident;
  insist(run, 'calendar', {
    act: () => notifications.businessDays.executeWithOptions({ summary: 'business days' }, [{ team, at, want }]),
    done: (answer) => run.record({ type: 'review-planned', at: Date.now(), from, ...answer }),
  });
}

interface Insisting<T> {
  readonly act: () => Promise<T>;
  readonly done: (answer: T) => void;
  /** Returns false when it must not be tried again. */
  readonly failed?: (reason: string) => boolean;
}

function insist<T>(run: IncidentRun, about: string, { act, done, failed }: Insisting<T>): void {
  const name = `${CALLS}${about}`;
  const pausedUntil = run.pausedUntil.get(name) ?? 0;
  if (pausedUntil > Date.now()) {
    run.wakeAt(pausedUntil, `${about} again`);
    return;
  }
  run.call(name, act, done, (reason) => {
    if (failed?.(reason) ?? true) run.pausedUntil.set(name, Date.now() + PAUSE_MS);
  });
}
