/** The page that the edge sends: what is known of the group from its alerts alone. Pure. */
import type { Page } from '../../../activities/ports.ts';
import type { AcknowledgeLink } from '../../../runtime/signed-links.ts';
import type { PagingAlerts } from './fallback-groups.ts';

export interface FallbackPageParts {
  readonly key: string;
  readonly to: string;
  readonly level: number;
  /** The worst first; more than one when the page lists them. */
  readonly messages: readonly [PagingAlerts, ...PagingAlerts[]];
  readonly lateByMs: number;
  readonly links: {
    incident(workflowId: string): string;
    acknowledge(link: AcknowledgeLink): string;
  };
}

/** The chain is walked once while Temporal is away. */
const CYCLE = 1;

export function composeFallbackPage({ key, to, level, messages, lateByMs, links }: FallbackPageParts): Page {
  const [lead, ...others] = messages;
  const { workflowId, incidentId, title, summary, team, service } = lead.declaration;
  const more = others.length === 0 ? '' : ` and ${others.length} more`;
  return {
    ...{ key, to, level, lateByMs },
    kind: 'page',
    reason: 'fallback',
    cycle: CYCLE,
    attempt: 1,
    text: `${lead.severity} ${title}${more}. Temporal is away; paged directly`,
    incident: {
      ...{ workflowId, id: incidentId, title, summary, team, service },
      reference: null,
      severity: lead.severity,
      phase: 'declared',
      alerts: lead.alerts,
      alertCount: lead.firings.length,
      url: links.incident(workflowId),
    },
    ...(others.length === 0 ? {} : { incidents: others.map((one) => listedIncident(one, links)) }),
    acknowledgeUrl: links.acknowledge({ workflowId, incidentId, person: to, cycle: CYCLE }),
  };
}

function listedIncident(
  { declaration, severity }: PagingAlerts,
  links: FallbackPageParts['links'],
): NonNullable<Page['incidents']>[number] {
  const { workflowId, title, service } = declaration;
  return { workflowId, title, severity, service, url: links.incident(workflowId) };
}
