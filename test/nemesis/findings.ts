/** Asks the healed system what it knows: Temporal for what arrived, the API for the record. */
import { setTimeout as sleep } from 'node:timers/promises';
import { Client, Connection } from '@temporalio/client';
import { defaultPayloadConverter } from '@temporalio/common';
import { createDataConverter } from '../../runtime/data-converter.ts';
import type { AlertBatch } from '../../domain/kernel/alert.ts';
import { ALERTS_SIGNAL, INCIDENT_WORKFLOW } from '../../workflows/contract.ts';
import { SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import { deliveredKey, type Findings } from './invariants.ts';

const HEALED_WITHIN_MS = 180_000;

/** Resolves once no alert waits at the edge any more. */
export async function untilDrained(urls: readonly string[]): Promise<void> {
  const giveUpAt = Date.now() + HEALED_WITHIN_MS;
  for (const url of urls) {
    for (;;) {
      const state = await readyOf(url);
      if (state?.temporal === 'up' && state.spooled === 0) break;
      if (Date.now() > giveUpAt) throw new Error(`${url} has not drained: ${JSON.stringify(state)}`);
      await sleep(250);
    }
  }
}

async function readyOf(url: string): Promise<{ temporal: string; spooled: number } | null> {
  try {
    const response = await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(3_000) });
    return (await response.json()) as { temporal: string; spooled: number };
  } catch {
    return null;
  }
}

/** Every alert that any run of any incident was told. */
export async function deliveredAlerts(address: string): Promise<Findings['delivered']> {
  const connection = await Connection.connect({ address });
  const client = new Client({ connection, dataConverter: createDataConverter() });
  const delivered = new Set<string>();
  const { payloadCodecs = [] } = createDataConverter();
  try {
    const query = `WorkflowType = '${INCIDENT_WORKFLOW}'`;
    for await (const { workflowId, runId } of client.workflow.list({ query })) {
      const { events = [] } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
      for (const { workflowExecutionSignaledEventAttributes: signal } of events ?? []) {
        if (signal?.signalName !== ALERTS_SIGNAL) continue;
        let payloads = signal.input?.payloads ?? [];
        for (const codec of [...payloadCodecs].reverse()) payloads = await codec.decode(payloads);
        for (const payload of payloads) {
          const { alerts } = defaultPayloadConverter.fromPayload<AlertBatch>(payload);
          for (const { fingerprint, startsAt } of alerts) {
            delivered.add(deliveredKey(fingerprint, startsAt));
          }
        }
      }
    }
    return delivered;
  } finally {
    await connection.close();
  }
}

/** The record of every incident, as a person reads it. */
export async function allTimelines(url: string): Promise<Findings['timelines']> {
  const incidentIds: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const page: { incidents: { id: string }[]; next: string | null } = await get(
      `${url}/api/v1/incidents?limit=100${cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`}`,
    );
    incidentIds.push(...page.incidents.map(({ id }) => id));
    cursor = page.next;
  }
  const timelines: Findings['timelines'][number][] = [];
  for (const incidentId of incidentIds) {
    const { timeline } = await get<{ timeline: Findings['timelines'][number]['lines'] }>(
      `${url}/api/v1/incidents/${incidentId}/timeline`,
    );
    timelines.push({ incidentId, lines: timeline });
  }
  return timelines;
}

async function get<T>(url: string, tries = 3): Promise<T> {
  const headers = { authorization: `Bearer ${SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN}` };
  const response = await fetch(url, { headers, signal: AbortSignal.timeout(15_000) });
  if (response.ok) return (await response.json()) as T;
  if (tries > 1) return sleep(1_000).then(() => get<T>(url, tries - 1));
  throw new Error(`${url}: ${response.status} ${await response.text()}`);
}
