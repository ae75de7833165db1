/** Keeps the incident findable in the Temporal UI: search attributes, only where the server has them. */
import type { SearchAttributePair, SearchAttributeType } from '@temporalio/common';
import { upsertSearchAttributes } from '@temporalio/workflow';
import type { Incident } from '../../domain/kernel/incident.ts';
import { deadlines } from '../../domain/engine/to-view.ts';
import { SEARCH_ATTRIBUTES } from '../contract.ts';
import type { IncidentRun } from '../incident-run.ts';

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
