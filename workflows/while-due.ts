/** Doing what is due, and asking to be woken for what will be. */
import type { Incident } from '../domain/kernel/incident.ts';
import type { IncidentRun } from './incident-run.ts';

/** Acts as long as what `next` returns is due; then asks to be woken when it will be. `act` must move it forward. */
export function whileDue<D extends { readonly at: number }>(
  run: IncidentRun,
  next: (incident: Incident) => D | null,
  act: (due: D) => void,
  summary: (due: D) => string,
): void {
  for (;;) {
    const due = next(run.incident);
    if (due === null) return;
    if (due.at > Date.now()) {
      run.wakeAt(due.at, summary(due));
      return;
    }
    act(due);
  }
}
