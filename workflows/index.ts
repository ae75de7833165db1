/** Everything a worker registers. The names are what the Temporal UI shows. */
export { postIncidentWorkflow } from './post-incident.ts';
export { heartbeatWorkflow } from './heartbeat.ts';
export { incidentWorkflow } from './incident.ts';
export { maintenanceWorkflow } from './maintenance.ts';
export { selfCheckWorkflow } from './self-check.ts';
