/** The activities: every outward act. They look up who and how, and deliver; the runbook decides. */
import { createTell } from './courtesies.ts';
import { createPage } from './page.ts';
import type { Ports } from './ports.ts';
import type { CourtesyActivities, PageActivities } from './types.ts';

export function createPageActivities(ports: Ports): PageActivities {
  return { page: createPage(ports) };
}

export function createCourtesyActivities(ports: Ports): CourtesyActivities {
  return {
    tell: createTell(ports),
    archive: ({ episode }) => ports.records.archive(episode),
    currentPolicy: async ({ team, service }) => ({ policy: ports.policyFor(team, service) }),
  };
}
