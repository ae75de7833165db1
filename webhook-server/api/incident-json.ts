/** Incidents as the API shows them: the view of the workflow, what follows from it, and where to look at it. */
import type { Config } from '../../config/config.ts';
import { checklistOf, type Checklist } from '../../domain/engine/checklist.ts';
import type { IncidentView } from '../../domain/engine/view.ts';

export type IncidentJson = IncidentView & { readonly url: string; readonly checklist: Checklist };

/** The incident's page in the console. Always under the configured address, never under the request's `Host`. */
export const incidentUrl = ({ publicUrl }: Config, workflowId: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/incidents/${workflowId}`;

export const incidentJson = (config: Config, view: IncidentView): IncidentJson => ({
  ...view,
  checklist: checklistOf(view),
  url: incidentUrl(config, view.workflowId),
});
