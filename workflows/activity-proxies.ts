/** The activities as the workflows call them, and what giving up means for each kind. */
import { ActivityCancellationType, proxyActivities } from '@temporalio/workflow';
import type { NotificationActivities, PageActivities } from '../activities/types.ts';
import { TASK_QUEUES } from './contract.ts';

/** A page call gives up by itself after a minute; then the workflow decides whether to request the page again. */
export const pages = proxyActivities<PageActivities>({
  taskQueue: TASK_QUEUES.pages,
  // Longer than any attempt takes. If the worker dies, the page is retried after this time.
  startToCloseTimeout: '15 seconds',
  scheduleToCloseTimeout: '60 seconds',
  retry: { initialInterval: '500 milliseconds', backoffCoefficient: 2, maximumInterval: '10 seconds' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  priority: { priorityKey: 1 },
});

/**
 * A notification call lives at most five minutes; then a timeline entry says so, and the entries wait for the next
 * call.
 */
export const notifications = proxyActivities<NotificationActivities>({
  taskQueue: TASK_QUEUES.notifications,
  startToCloseTimeout: '60 seconds',
  scheduleToCloseTimeout: '5 minutes',
  retry: { initialInterval: '1 second', backoffCoefficient: 2, maximumInterval: '30 seconds' },
  cancellationType: ActivityCancellationType.TRY_CANCEL,
  priority: { priorityKey: 3 },
});
