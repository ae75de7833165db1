/**
 * What the Temporal UI shows of an incident: in Markdown, where it stands and what happens next and when; and search
 * attributes to find it by, only where the server has them.
 */
import type { SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import { upsertMemo, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import type { SearchAttributesAnswer } from '../../activities/types.ts';
import { deadlines } from '../../domain/engine/to-view.ts';
import type { Incident } from '../../domain/kernel/incident.ts';
import { plainText, truncate } from '../../domain/kernel/text.ts';
import { foldTimeline } from '../../domain/kernel/timeline.ts';
import type { SearchAttribute } from '../contract.ts';
import { ALL_SEARCH_ATTRIBUTES, memoOf, SEARCH_ATTRIBUTES, SEARCH_ATTRIBUTES_OF_0_2 } from '../contract.ts';
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
    ...(next.length === 0 ? [] : ['', '**Next**', '', ...next]),
    ...(last.length === 0 ? [] : ['', '**Last**', '', ...last]),
  ].join('\n');
}

const clock = (at: number): string => `${new Date(at).toISOString().slice(11, 19)}Z`;

/** On one line; text from outside must not become Markdown structure. */
function oneLine(text: string): string {
  return truncate(text.replaceAll(/\s+/g, ' '), 160).replaceAll(/[\\`*_[\]<>|#~]/g, String.raw`\$&`);
}

/** What the call's worker knew of the server's search attributes. */
export function noteSearchAttributes(run: IncidentRun, { searchable, searchAttributes }: SearchAttributesAnswer): void {
  const known = searchAttributes ?? (searchable ? SEARCH_ATTRIBUTES_OF_0_2 : []);
  run.attributes = ALL_SEARCH_ATTRIBUTES.filter((name) => known.includes(name));
  run.attributesOf0_2 = searchAttributes === undefined;
}

/**
 * Upserting an attribute that the server does not know wedges the workflow, so only those are upserted that the worker
 * has found there. The memo goes with them.
 */
export function updateSearchAttributes(run: IncidentRun): void {
  if (run.isPostIncident && run.attributesOf0_2) return;
  const attributes = attributesOf(run.incident).filter(({ key }) => run.attributes.some((name) => name === key.name));
  const current = JSON.stringify(attributes);
  if (attributes.length === 0 || current === run.shownAttributes) return;
  run.shownAttributes = current;
  upsertSearchAttributes(attributes);
  if (!run.attributesOf0_2) updateMemo(run.incident);
}

function updateMemo(incident: Incident): void {
  const memo = memoOf(incident);
  const shown = workflowInfo().memo ?? {};
  const isShown = Object.entries(memo).every(([name, value]) => shown[name] === value);
  if (!isShown) upsertMemo({ ...memo });
}

function attributesOf(incident: Incident): SearchAttributePair[] {
  const { incidentId, reference, severity, phase, team, service } = incident;
  const next = deadlines(incident)[0];
  return [
    pair('TocsinIncident', incidentId),
    pair('TocsinReference', reference),
    pair('TocsinSeverity', severity),
    pair('TocsinPhase', phase),
    pair('TocsinTeam', team),
    pair('TocsinService', service),
    pair('TocsinNextDeadline', next === undefined ? null : new Date(next.at)),
  ];
}

function pair(name: SearchAttribute, value: string | Date | null): SearchAttributePair {
  return { key: { name, type: SEARCH_ATTRIBUTES[name] as SearchAttributeType }, value } as SearchAttributePair;
}
