/**
 * Rebuilds the records from Temporal's histories: every batch ever written to the records is an argument of an activity
 * call there, and writing a batch twice changes nothing. References are kept; they exist only in the records.
 */
import type { OutboundMessage } from '../domain/kernel/projection.ts';
import type { Client } from '@temporalio/client';
import { decodeArrayFromPayloads, loadDataConverter } from '@temporalio/common/lib/internal-non-workflow/index.js';
import { recordBatchOf, renderRecordBatch } from '../activities/project-records.ts';
import type { DeliverNotificationsInput } from '../activities/types.ts';
import type { Config } from '../config/config.ts';
import { prepareStandaloneProcess } from '../config/standalone-process.ts';
import type { ProjectionBatch } from '../domain/engine/projection.ts';
import { Vendors } from '../providers/vendors.ts';
import { openRecordsInHome } from '../records/open-records.ts';
import type { Records } from '../records/records.ts';
import { createDataConverter } from '../runtime/data-converter.ts';
import { connectClient } from '../runtime/temporal-connection.ts';
import { INCIDENT_WORKFLOW, POST_INCIDENT_WORKFLOW } from '../workflows/contract.ts';
import { createDirectory, textSettingsOf } from './reloadable-activities.ts';
import { incidentUrl } from '../config/routing.ts';

export interface RebuildProgress {
  /** Runs of incidents and of their post-incident flow whose histories were read. */
  readonly runs: number;
  readonly batches: number;
}

export interface RebuildParts {
  readonly client: Client;
  readonly config: Config;
  readonly records: Pick<Records, 'project' | 'wipeDerived'>;
  /** Called after each run with the progress so far. */
  readonly onProgress: (soFar: RebuildProgress) => void;
}

const EVERY_RUN = `WorkflowType = '${INCIDENT_WORKFLOW}' OR WorkflowType = '${POST_INCIDENT_WORKFLOW}'`;

/** Safe beside running workers: what they write meanwhile is newer, and wins. */
export async function rebuildRecords({ client, config, records, onProgress }: RebuildParts): Promise<RebuildProgress> {
  const vendors = new Vendors(config.vendors);
  const textContext = {
    directory: createDirectory(config, vendors),
    timeZone: config.timeZone,
    textSettings: textSettingsOf(config, () => undefined),
    links: { incidentUnsigned: (workflowId: string) => incidentUrl(config, workflowId) },
  };
  let soFar: RebuildProgress = { runs: 0, batches: 0 };
  try {
    await records.wipeDerived();
    for await (const { workflowId, runId } of client.workflow.list({ query: EVERY_RUN })) {
      const batches = await batchesOf(client, workflowId, runId);
      for (const batch of batches) {
        await records.project(renderRecordBatch(batch, textContext));
      }
      soFar = { runs: soFar.runs + 1, batches: soFar.batches + batches.length };
      onProgress(soFar);
    }
    return soFar;
  } finally {
    vendors.close();
  }
}

const converter = loadDataConverter(createDataConverter());

async function batchesOf(
  client: Client,
  workflowId: string,
  runId: string,
): Promise<readonly ProjectionBatch<OutboundMessage>[]> {
  const { events } = await client.workflow.getHandle(workflowId, runId).fetchHistory();
  const found: ProjectionBatch<OutboundMessage>[] = [];
  for (const { activityTaskScheduledEventAttributes: call } of events ?? []) {
    if (call?.activityType?.name !== 'deliverNotifications') continue;
    const [request] = (await decodeArrayFromPayloads(converter, call.input?.payloads)) as [DeliverNotificationsInput?];
    const batch = request === undefined ? null : recordBatchOf(request);
    if (batch !== null) found.push(batch);
  }
  return found;
}

/** The interval between progress lines, ms. */
const SAY_EVERY_MS = 2_000;

/** Resolves with the exit code. Throws `ExitError` (78) for an unusable environment. */
export async function main({ env }: { readonly env: Readonly<Record<string, string | undefined>> }): Promise<number> {
  const { config, databaseUrl, temporal, environment, log } = prepareStandaloneProcess(env);
  const records = openRecordsInHome({ home: environment.home, databaseUrl, timeZone: () => config.timeZone, log });
  const { client, close } = connectClient(temporal);
  let loggedAt = 0;
  try {
    await records.ready();
    const { runs, batches } = await rebuildRecords({
      client,
      config,
      records,
      onProgress: (soFar) => {
        if (Date.now() - loggedAt < SAY_EVERY_MS) return;
        loggedAt = Date.now();
        log.info({ ...soFar }, 'rebuilding the records');
      },
    });
    log.info({ runs, batches }, 'the records are rebuilt');
    return 0;
  } finally {
    await Promise.all([records.close(), close()]);
  }
}
