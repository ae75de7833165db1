/** Incidents as the API shows them: the view of the workflow, and where to look at it. */
import type { Config } from '../../config/config.ts';
import type { IncidentView } from '../../domain/view.ts';

/** The incident's page in the console. Always under the configured address, never under the request's `Host`. */
export const incidentUrl = ({ publicUrl }: Config, workflowId: string): string =>
  `${publicUrl.replace(/\/+$/, '')}/incidents/${workflowId}`;

export const present = (config: Config, view: IncidentView): IncidentView & { readonly url: string } => ({
  ...view,
  url: incidentUrl(config, view.workflowId),
});
