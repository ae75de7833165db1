/** The promises, checked against what was answered, what arrived and what is on record. Pure. */
import type { Page } from '../../activities/ports.ts';
import { pagesUnderTwoKeys } from '../support/page-sink.ts';
import type { AcceptedAlert, Journal } from './journal.ts';

/** What the system says of itself once everything is healed. */
export interface Findings {
  /** `fingerprint startsAt` of every alert that reached an incident's workflow. */
  readonly delivered: ReadonlySet<string>;
  /** Of every incident: its lines. */
  readonly timelines: readonly { readonly incidentId: string; readonly lines: readonly FoundTimelineEntry[] }[];
  /** Pages and notices, each with the person who got it. */
  readonly pages: readonly Page[];
  /** Requests that looked like no page. */
  readonly unexpected: readonly string[];
}

export interface FoundTimelineEntry {
  readonly seq: number;
  readonly kind: string;
  readonly text: string;
}

export interface InvariantResult {
  readonly what: string;
  /** One line for each time it was broken. */
  readonly violations: readonly string[];
}

/** In which incident does not matter: what waits in a spool may find another place than the answer expected. */
export const deliveredKey = (fingerprint: string, startsAt: number): string => `${fingerprint} ${startsAt}`;

export function checkInvariants(journal: Journal, findings: Findings): readonly InvariantResult[] {
  return [
    { what: 'every 202 is an incident or in one', violations: lostAlerts(journal, findings) },
    { what: 'every incident that pages has paged somebody', violations: unpagedIncidents(journal, findings) },
    {
      what: 'no page under two keys',
      violations: pagesUnderTwoKeys(findings.pages.map((page) => ({ at: 0, person: page.to, page }))),
    },
    {
      what: 'every accepted note is on record, once; no refused one is',
      violations: misrecordedNotes(journal, findings),
    },
    { what: 'no refusal is silent', violations: unexplainedAnswers(journal) },
    { what: 'every timeline is whole', violations: timelineGaps(findings) },
    { what: 'contacts get nothing but pages', violations: findings.unexpected },
  ];
}

function lostAlerts({ accepted }: Journal, { delivered }: Findings): string[] {
  // Reported resolved before it could be told: nobody has to hear of it.
  const over = new Set(accepted.filter(({ status }) => status === 'resolved').map(nameOf));
  return accepted
    .filter((alert) => alert.status === 'firing' && !over.has(nameOf(alert)))
    .filter(({ fingerprint, startsAt }) => !delivered.has(deliveredKey(fingerprint, startsAt)))
    .map((alert) => `${nameOf(alert)} → ${alert.workflowIds.join(', ') || 'nothing'}`);
}

const nameOf = ({ fingerprint, startsAt }: AcceptedAlert): string => `${fingerprint} ${startsAt}`;

/** Incidents that somebody took, or that cleared, before their first page could leave owe none. */
function unpagedIncidents({ accepted, commands }: Journal, { pages }: Findings): string[] {
  const answered = new Set(
    commands.filter(({ status }) => status === 200 || status === 202).map((one) => one.workflowId),
  );
  const cleared = new Set(accepted.filter(({ status }) => status === 'resolved').map(({ group }) => group));
  const paged = new Set(
    pages.flatMap(({ incident, incidents = [] }) => [incident.workflowId, ...incidents.map((one) => one.workflowId)]),
  );
  const owing = accepted.filter(
    ({ group, severity, status, workflowIds }) =>
      status === 'firing' &&
      severity !== 'warning' &&
      !cleared.has(group) &&
      !workflowIds.some((workflowId) => answered.has(workflowId) || paged.has(workflowId)),
  );
  return [...new Set(owing.map(({ group, workflowIds }) => `${group} → ${workflowIds.join(', ')}`))];
}

/** 200 and 202 were promises, 4xx was a refusal; after no answer or a 5xx either may be true, but not twice. */
function misrecordedNotes({ commands }: Journal, { timelines }: Findings): string[] {
  const times = new Map<string, number>();
  for (const { lines } of timelines) {
    for (const { kind, text } of lines) if (kind === 'note-added') times.set(text, (times.get(text) ?? 0) + 1);
  }
  return commands.flatMap(({ text, status, workflowId }) => {
    if (text === null) return [];
    const found = times.get(text) ?? 0;
    const [least, most] = status === 200 || status === 202 ? [1, 1] : status >= 400 && status < 500 ? [0, 0] : [0, 1];
    return found >= least && found <= most ? [] : [`"${text}" (${status}, ${workflowId}): ${found} times`];
  });
}

function unexplainedAnswers({ commands }: Journal): string[] {
  return commands
    .filter(({ status, isExplained }) => status !== 0 && !isExplained)
    .map(({ command, workflowId, status }) => `${command} on ${workflowId}: ${status} without a word`);
}

function timelineGaps({ timelines }: Findings): string[] {
  return timelines.flatMap(({ incidentId, lines }) => {
    const missing = lines.findIndex(({ seq }, index) => seq !== index + 1);
    return missing < 0 ? [] : [`${incidentId}: line ${missing + 1} is missing`];
  });
}
