/**
 * What the Temporal UI shows of an incident: in Markdown, where it stands and what happens next and when; and search
 * attributes to find it by, only where the server has them.
 */
import type { SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import { deadlines } from '../../domain/engine/to-view.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import { plainText, truncate } from '../../domain/kernel/text.ts';
import { foldTimeline } from '../../domain/kernel/timeline.ts';
import { SEARCH_ATTRIBUTES } from '../contract.ts';
import type { IncidentRun } from '../incident-run.ts';

const DEADLINES_SHOWN = 4;
const LINES_SHOWN = 5;

export function uiDetails(incident: Incident): string {
  const { severity, title, phase, outcome, roles, team, service } = incident;
  const who = roles.ic === null ? 'nobody has it' : `IC ${roles.ic}`;
  const where = service === null ? team : `${team} / ${service}`;
  const next = deadlines(incident)
    .slice(0, DEADLINES_SHOWN)
    .map(({ at, text }) => `- ${new Date(at).toISOString().slice(0, 16)}Z ${text}`);
  const last = foldTimeline(incident.projection.timeline)
    .slice(-LINES_SHOWN)
    .map(({ entries: [{ at }], text }) => `- ${clock(at)} ${oneLine(plainText(text, clock))}`);
  return [
    `**${severity}** ${oneLine(title)} — ${phase}${outcome === null ? '' : ` (${outcome})`}, ${who}, ${where}`,
    ...(next.length === 0 ? [] : ['', '**Next**', ...next]),
    ...(last.length === 0 ? [] : ['', '**Last**', ...last]),
  ].join('\n');
}

const clock = (at: number): string => `${new Date(at).toISOString().slice(11, 19)}Z`;

/** Text from outside must not become Markdown structure. */
function oneLine(text: string): string {
  return truncate(text.replaceAll(/[\s`*_[\]<>|#]+/g, ' '), 160);
}

/**
 * Upserting an attribute that the server does not know wedges the workflow, so the worker checks that they exist first.
 */
export function updateSearchAttributes(run: IncidentRun): void {
  if (!run.searchable) return;
  const attributes = attributesOf(run.incident);
  const current = JSON.stringify(attributes);
  if (current === run.shownAttributes) return;
  run.shownAttributes = current;
  upsertSearchAttributes(attributes);
}

function attributesOf(incident: Incident): SearchAttributePair[] {
  const { incidentId, severity, phase, team, service } = incident;
  const next = deadlines(incident)[0];
  return [
    pair('TocsinIncident', incidentId),
    pair('TocsinSeverity', severity),
    pair('TocsinPhase', phase),
    pair('TocsinTeam', team),
    pair('TocsinService', service),
    pair('TocsinNextDeadline', next === undefined ? null : new Date(next.at)),
  ];
}

function pair(name: keyof typeof SEARCH_ATTRIBUTES, value: string | Date | null): SearchAttributePair {
  return { key: { name, type: SEARCH_ATTRIBUTES[name] as SearchAttributeType }, value } as SearchAttributePair;
}
