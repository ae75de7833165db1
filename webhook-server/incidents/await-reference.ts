/** The number of an incident that has just been declared: it is given beside the first page, about a second later. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentView } from '../../domain/engine/view.ts';
import type { AppDeps } from '../dependencies.ts';
import { orNullWithoutRecords, recordsTimeLimit } from './records-time-limit.ts';

const WAIT_MS = 1000;
const POLL_INTERVAL_MS = 50;

/** Never throws: whoever declared must hear that it worked. */
export async function awaitReference(
  incident: IncidentView,
  deps: Pick<AppDeps, 'records' | 'log'>,
): Promise<IncidentView> {
  // Tests have none, ever.
  if (incident.reference !== null || incident.test) return incident;
  const timeLimit = recordsTimeLimit(deps, WAIT_MS);
  const end = performance.now() + WAIT_MS;
  while (deps.records.state() === 'up' && performance.now() < end) {
    const found = await orNullWithoutRecords(timeLimit.ask((records) => records.findIncident(incident.id)));
    if (found !== null && found.reference !== null) return { ...incident, reference: found.reference };
    await sleep(POLL_INTERVAL_MS);
  }
  return incident;
}
