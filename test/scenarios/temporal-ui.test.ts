/** What an operator finds in the Temporal UI: runs by their number, in words, with handlers that say what they are for. */
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { defineSearchAttributeKey } from '@temporalio/common';
import { postIncidentWorkflowId, SEARCH_ATTRIBUTES_OF_0_2 } from '../../workflows/contract.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';

let world: World;
beforeAll(async () => {
  world = await createWorld();
});
afterAll(() => world.close());

const REFERENCE = defineSearchAttributeKey('TocsinReference', 'KEYWORD');
const SEVERITY = defineSearchAttributeKey('TocsinSeverity', 'KEYWORD');
const describeRun = (workflowId: string) => world.env.client.workflow.getHandle(workflowId).describe();

interface Metadata {
  readonly currentDetails: string;
  readonly definition: Readonly<Record<string, readonly { readonly name: string; readonly description?: string }[]>>;
}
const metadataOf = (workflowId: string): Promise<Metadata> =>
  world.env.client.workflow.getHandle(workflowId).query<Metadata>('__temporal_workflow_metadata');

test('an incident is found by its number, and its memo says what it is now; so is its post-incident flow', async () => {
  await runScenario(world, {}, async (driver) => {
    await driver.sendCommand({ type: 'setSeverity', severity: 'SEV1', reason: 'worse' });
    const { reference, id } = await driver.view();
    const found = await describeRun(driver.workflowId);
    expect(found.typedSearchAttributes.get(REFERENCE)).toBe(reference);
    expect(found.memo).toMatchObject({ reference, incidentId: id, severity: 'SEV1', title: 'Checkout fails' });
    await driver.sendCommand({ type: 'declareFalseAlarm', reason: 'a load test' });
    const after = await describeRun(postIncidentWorkflowId(id));
    expect(after.typedSearchAttributes.get(REFERENCE)).toBe(reference);
    expect(after.memo).toMatchObject({ reference, severity: 'SEV1' });
  });
});

test.each([
  [
    'a server that was not prepared again',
    { searchable: true, searchAttributes: SEARCH_ATTRIBUTES_OF_0_2 },
    'SEV2',
    true,
  ],
  ['a server with none', { searchable: false, searchAttributes: [] }, undefined, false],
  ['a worker of 0.2.0', { searchable: true }, 'SEV2', false],
])('%s: only what is there is upserted, and the incident goes on', async (_what, answer, severity, hasMemo) => {
  const ledger = createLedger(DEFAULT_ROSTER, {});
  const ports = { ...ledger.ports, searchAttributes: () => answer };
  await runScenario(world, { ports }, async (driver) => {
    await driver.sendCommand({ type: 'acknowledge' });
    const { typedSearchAttributes, memo } = await describeRun(driver.workflowId);
    expect(typedSearchAttributes.get(REFERENCE)).toBeUndefined();
    expect(typedSearchAttributes.get(SEVERITY)).toBe(severity);
    expect(memo?.['incidentId'] !== undefined).toBe(hasMemo);
  });
});

test('every signal, update and query says what it is for, and those of servers and workflows that they are internal', async () => {
  await runScenario(world, {}, async (driver) => {
    const { definition } = await metadataOf(driver.workflowId);
    const handlers = ['signalDefinitions', 'updateDefinitions', 'queryDefinitions'].flatMap(
      (kind) => definition[kind] ?? [],
    );
    const own = handlers.filter(({ name }) => !name.startsWith('__'));
    expect(own.filter(({ description = '' }) => description === '').map(({ name }) => name)).toEqual([]);
    const said = new Map(own.map(({ name, description }) => [name, description]));
    expect(said.get('alerts')).toMatch(/^Internal: /);
    expect(said.get('setSeverity')).toBe(
      'Raise or lower the severity. Takes { by, severity, reason }; tocsin severity does the same.',
    );
    expect(own.length).toBeGreaterThan(40);
  });
});

test('the details are Markdown of which no alert can make anything else', async () => {
  const title = '# node_load *high* <b>\n- on [db](x)';
  await runScenario(world, { declaration: { title }, firstAlerts: [{ title }] }, async (driver) => {
    const { currentDetails } = await metadataOf(driver.workflowId);
    const [first, second, ...rest] = currentDetails.split('\n');
    expect(first).toBe(
      String.raw`**SEV2** \# node\_load \*high\* \<b\> - on \[db\](x) — declared, nobody has it, platform / payments`,
    );
    expect(second).toBe('');
    expect(rest.join('\n')).toMatch(/^\*\*Next\*\*\n\n- .*\n/);
  });
});
