/** Where a page leads besides its acknowledgement: the incident, then its alerts' dashboards and runbooks. */
import type { Page } from '../../activities/ports.ts';
import { OUTSIDE_ESCALATION } from '../../domain/kernel/outbox.ts';

export interface PageLink {
  readonly text: string;
  readonly href: string;
}

const LINKS_SHOWN = 9;
const LONGEST = 2000;

/** Without the signature that opens the page: for places that others than our own people may read. */
export const unsignedAddress = (url: string): string => url.split('?', 1)[0] ?? url;

/** Each address once; only what a browser opens: alerts come from outside, and so do their links. */
export function pageLinks({ incident }: Pick<Page, 'incident'>): readonly PageLink[] {
  const found = [
    { text: 'Incident', href: incident.url },
    { text: 'Runbook', href: incident.runbook },
    ...incident.alerts.flatMap(({ links: { dashboard, runbook } }) => [
      { text: 'Dashboard', href: dashboard },
      { text: 'Runbook', href: runbook },
    ]),
  ];
  const links = new Map<string, PageLink>();
  for (const { text, href } of found) {
    if (href !== undefined && isWebAddress(href) && !links.has(href)) links.set(href, { text, href });
  }
  return [...links.values()].slice(0, LINKS_SHOWN);
}

export function isWebAddress(href: string): boolean {
  return href.length <= LONGEST && /^https?:\/\/[^\s<>"]+$/i.test(href) && URL.canParse(href);
}

/** At most `limit` lines, and one that says how many are left; none for a page about one incident. */
export function incidentNameLines({ incidents = [] }: Page, limit: number): readonly string[] {
  const shown = incidents.slice(0, limit).map(({ severity, title }) => `- ${severity} ${title}`);
  const left = incidents.length - shown.length;
  return left > 0 ? [...shown, `- and ${left} more`] : shown;
}

/** "on-call, level 2, cycle 1"; "leadership": beside the escalation, which has no level there. */
export function callText({ reason, level, cycle }: Page): string {
  return level === OUTSIDE_ESCALATION ? reason : `${reason}, level ${level}, cycle ${cycle}`;
}
