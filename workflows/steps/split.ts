/** Opens an incident for each group that leaves a storm. */
import type { SplitEntry } from '../../domain/kernel/outbox.ts';
import { newIncidentId, startOrSignalIncident } from '../start-or-signal-incident.ts';
import type { IncidentRun } from '../incident-run.ts';

const PAUSE_MS = 5_000;

export function splitOff(run: IncidentRun): void {
  for (const entry of run.incident.outbox.splits ?? []) {
    const name = `split ${run.incident.incidentId}/${entry.n}`;
    const pausedUntil = run.pausedUntil.get(name) ?? 0;
    if (pausedUntil > Date.now()) run.wakeAt(pausedUntil, 'open the incident of a group that left');
    else if (!run.isCalling(name)) open(run, entry, name);
  }
}

function open(run: IncidentRun, entry: SplitEntry, name: string): void {
  const { incident } = run;
  const { group, alerts, source, staleAfterMs, at } = entry;
  const { workflowId, title, severity, service } = group;
  const { team, restricted, policy, test } = incident;
  const declaration = {
    workflowId,
    title,
    severity,
    service,
    team,
    source,
    restricted,
    policy,
    test,
    incidentId: newIncidentId(Date.now()),
    summary: '',
    severityGuessed: false,
    component: null,
    declaredBy: null,
    declarerIsOnCall: false,
    spooledAt: null,
    recurrenceOf: null,
  };
  run.call(
    name,
    () =>
      startOrSignalIncident(declaration, {
        source,
        receivedAt: at,
        staleAfterMs,
        alerts,
        truncated: 0,
        byReceipt: true,
      }),
    () => run.record({ type: 'split-done', at: Date.now(), splitNumber: entry.n }),
    () => run.pausedUntil.set(name, Date.now() + PAUSE_MS),
  );
}
