/** The number of an incident that has just been declared: it is given beside the first page, about a second later. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { IncidentView } from '../../domain/view.ts';
import type { AppDeps } from '../deps.ts';
import { orNull, timeLimitOf } from './time-limit.ts';

const WAIT_MS = 1000;
const LOOK_EVERY_MS = 50;

/** Never throws: whoever declared must hear that it worked. */
export async function withNumber(
  incident: IncidentView,
  deps: Pick<AppDeps, 'records' | 'log'>,
): Promise<IncidentView> {
  // Tests have none, ever.
  if (incident.reference !== null || incident.test) return incident;
  const timeLimit = timeLimitOf(deps, WAIT_MS);
  const end = performance.now() + WAIT_MS;
  while (deps.records.state() === 'up' && performance.now() < end) {
    const found = await orNull(timeLimit.ask((records) => records.find(incident.id)));
    if (found !== null && found.reference !== null) return { ...incident, reference: found.reference };
    await sleep(LOOK_EVERY_MS);
  }
  return incident;
}
