/** What it means that a source has answered, or could not, whether alerts fire that may have been late copies. Pure. */
import { unsettledCopies } from '../alerts/late-copies.ts';
import type { SourceAnswer, SourceQuestion } from '../alerts/stale.ts';
import type { AlertBatch } from '../kernel/alert.ts';
import type { IncidentEvent } from '../kernel/events.ts';
import type { Incident } from '../kernel/incident.ts';
import { isOpen } from '../kernel/phase.ts';
import { alertOf } from '../kernel/queries.ts';
import { reportOf } from '../merge/forwarding.ts';

export interface LateCopiesAnswered {
  readonly events: readonly IncidentEvent[];
  /** They fire: to be handled as if their source had just said so. Null: none does. */
  readonly firing: AlertBatch | null;
}

/** When nobody can be asked, a person decides; where no person can be told, it counts as firing. */
export function answerAboutLateCopies(
  incident: Incident,
  { source, fingerprints }: SourceQuestion,
  said: SourceAnswer,
  at: number,
): LateCopiesAnswered {
  const waiting = unsettledCopies(incident, fingerprints);
  const there = new Set(said.firing);
  const isUnknown = said.answer === 'unknown';
  const firing = waiting.filter((name) => there.has(name) || (isUnknown && !isOpen(incident.phase)));
  const others = waiting.filter((name) => !firing.includes(name));
  const events: readonly IncidentEvent[] =
    others.length === 0
      ? []
      : isUnknown
        ? [{ type: 'late-copies-unverified', at, source, fingerprints: others }]
        : [{ type: 'late-copies-settled', at, fingerprints: others }];
  return { events, firing: firing.length === 0 ? null : firingBatch(incident, source, firing, at) };
}

function firingBatch(incident: Incident, source: string, fingerprints: readonly string[], at: number): AlertBatch {
  const states = fingerprints.flatMap((fingerprint) => alertOf(incident, fingerprint) ?? []);
  const alerts = states.flatMap(({ fingerprint, group: _, lateCopy, ...state }) =>
    reportOf(incident, { fingerprint }).map(({ group: _group, ...report }) => ({
      ...report,
      status: 'firing' as const,
      endsAt: null,
      receivedAt: lateCopy?.receivedAt ?? at,
      ...(state.severity === undefined ? {} : { severity: state.severity }),
    })),
  );
  const staleAfterMs = Math.max(0, ...states.map((state) => state.staleAfterMs));
  const { truncated } = incident.alerts;
  return { source, receivedAt: at, staleAfterMs, alerts, truncated, byReceipt: true };
}
