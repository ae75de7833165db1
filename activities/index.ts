/** The activities: every outward act. They look up who and how, and deliver; the runbook decides. */
import { createAskSource } from './ask-source.ts';
import { createBusinessDays } from './business-days.ts';
import { createBusinessTime } from './business-time.ts';
import { createTell } from './notifications.ts';
import { createGatherEvidence } from './evidence.ts';
import { createPage } from './page.ts';
import { createPageNobody } from './page-nobody.ts';
import type { Ports } from './ports.ts';
import type { NotificationActivities, PageActivities } from './types.ts';

export function createPageActivities(ports: Ports): PageActivities {
  return { page: createPage(ports), pageNobody: createPageNobody(ports) };
}

export function createNotificationActivities(ports: Ports): NotificationActivities {
  return {
    tell: createTell(ports),
    askSource: createAskSource(ports),
    businessTime: createBusinessTime(ports.calendars),
    businessDays: createBusinessDays(ports.calendars),
    preparePostIncident: ({ incidentId }) => ports.records.prepare(incidentId),
    gatherEvidence: createGatherEvidence(ports),
    archive: ({ incidentId }) => ports.records.archive(incidentId),
    currentPolicy: async ({ team, service }) => ({ policy: ports.policyFor(team, service) }),
  };
}
