/** The activities: every outward act. They look up who and how, and deliver; the runbook decides. */
import { createBusinessDays, createBusinessTime } from './business-time.ts';
import { createDeliverNotifications } from './deliver-notifications.ts';
import { createGatherEvidence, createQueryAlertSource } from './outside-requests.ts';
import { createPage, createPageNullContact } from './page.ts';
import type { Ports } from './ports.ts';
import type { NotificationActivities, PageActivities } from './types.ts';

export function createPageActivities(ports: Ports): PageActivities {
  return { page: createPage(ports), pageNullContact: createPageNullContact(ports) };
}

export function createNotificationActivities(ports: Ports): NotificationActivities {
  return {
    deliverNotifications: createDeliverNotifications(ports),
    queryAlertSource: createQueryAlertSource(ports),
    businessTime: createBusinessTime(ports.calendars),
    businessDays: createBusinessDays(ports.calendars),
    preparePostIncident: ({ incidentId }) => ports.records.prepare(incidentId),
    gatherEvidence: createGatherEvidence(ports),
    archive: ({ incidentId }) => ports.records.archive(incidentId),
    currentPolicy: async ({ team, service }) => ({ policy: ports.policyFor(team, service) }),
  };
}
