/** Incidents as the API shows them: the view of the workflow, what follows from it, and where to look at it. */
import type { Config } from '../../config/config.ts';
import { checklistOf, type Checklist } from '../../domain/checklist.ts';
import type { IncidentView } from '../../domain/view.ts';

export type ShownIncident = IncidentView & { readonly url: string; readonly checklist: Checklist };

/** The incident's page in the console. Always under the configured address, never under the request's `Host`. */
export const incidentUrl = ({ publicUrl }: Config, workflowId: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/incidents/${workflowId}`;

export const present = (config: Config, view: IncidentView): ShownIncident => ({
  ...view,
  checklist: checklistOf(view),
  url: incidentUrl(config, view.workflowId),
});
