/**
 * The sections of the file, by their keys: everything else about the configuration is derived from this list. Vendors
 * with a section of their own, such as `mail`, are in providers/registry.ts.
 */
export { chatSection as chat } from './chat.ts';
export { evidenceSection as evidence } from './evidence.ts';
export { heartbeatsSection as heartbeats } from './heartbeats.ts';
export { lastResortSection as lastResort } from './last-resort.ts';
export { maintenanceSection as maintenance } from './maintenance.ts';
export { organizationSection as organization, publicUrlSection as publicUrl } from './organization.ts';
export { pagingSection as paging } from './paging.ts';
export { peopleSection as people } from './people.ts';
export { routesSection as routes } from './routes.ts';
export { serviceLabelsSection as serviceLabels } from './service-labels.ts';
export { servicesSection as services } from './services.ts';
export { monitoringSection as monitoring, severitiesSection as severities } from './severities.ts';
export { severityLabelsSection as severityLabels } from './severity-labels.ts';
export { sourcesSection as sources } from './sources.ts';
export { stakeholdersSection as stakeholders } from './stakeholders.ts';
export { statusPageSection as statusPage } from './status-page.ts';
export { stormSection as storm } from './storm.ts';
export { teamsSection as teams } from './teams.ts';
export { templatesSection as templates } from './templates.ts';
export { ticketsSection as tickets } from './tickets.ts';
export { timeZoneSection as timeZone } from './organization.ts';
export { actions, checks, patterns, queries, schedules } from './not-supported-yet.ts';
