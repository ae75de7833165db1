/**
 * Sends a synthetic alert all the way: from a server's own webhook to a page that reaches nobody, and its
 * acknowledgement back. It uses the same task queues as real pages, but it is no incident, records nothing and notifies
 * nobody.
 */
import {
  allHandlersFinished,
  ApplicationFailure,
  condition,
  defineSignal,
  defineUpdate,
  setHandler,
} from '@temporalio/workflow';
import type { PageActivityInput } from '../activities/types.ts';
import type { SyntheticAlert } from './contract.ts';
import { ACKNOWLEDGE_CHECK_UPDATE, SYNTHETIC_ALERT_SIGNAL } from './contract.ts';
import { pages } from './activity-proxies.ts';
import { described } from './handler-descriptions.ts';

/** The server that started the check gives up much sooner. */
const LIFETIME = '5 minutes';

/** Ends with the acknowledgement of the newest check, or unacknowledged. Fails when the page was not sent. */
export async function selfCheckWorkflow(): Promise<void> {
  let wanted: SyntheticAlert | null = null;
  let paged: string | null = null;
  let acknowledged = false;
  // Before the handlers: signals that came with the start are delivered as soon as a handler is set.
  const newest = (): string | null => wanted?.check ?? null;
  const begin = (alert: SyntheticAlert): void => {
    wanted = alert;
  };
  const acknowledge = async (check: string): Promise<null> => {
    await condition(() => paged === check || newest() !== check);
    if (paged !== check) throw ApplicationFailure.nonRetryable('another check has taken its place', 'SelfCheckOver');
    acknowledged = true;
    return null;
  };
  setHandler(defineSignal<[SyntheticAlert]>(SYNTHETIC_ALERT_SIGNAL), begin, described(SYNTHETIC_ALERT_SIGNAL));
  setHandler(defineUpdate<null, [string]>(ACKNOWLEDGE_CHECK_UPDATE), acknowledge, described(ACKNOWLEDGE_CHECK_UPDATE));
  while (!acknowledged) {
    if (!(await condition(() => acknowledged || newest() !== paged, LIFETIME))) return;
    const check = newest();
    if (acknowledged || check === null) continue;
    await pages.pageNullContact.executeWithOptions({ summary: 'page nobody' }, [pageOf(check, Date.now())]);
    paged = check;
  }
  await condition(allHandlersFinished);
}

function pageOf(check: string, dueAt: number): PageActivityInput {
  return {
    incident: {
      reference: null,
      workflowId: 'self-check',
      id: check,
      severity: 'SEV4',
      phase: 'declared',
      title: 'self-check',
      summary: '',
      team: '',
      service: null,
      alerts: [],
      alertCount: 0,
    },
    pageRequest: {
      n: 1,
      reason: 'on-call',
      cycle: 1,
      method: 'all',
      except: [],
      dueAt,
      startsLevel: true,
      accepted: [],
      targets: [{ level: 1, attempt: 1, names: ['nobody'] }],
    },
    test: true,
  };
}
