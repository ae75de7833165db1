/** The API's description: made from what is served, and true of what is answered. */
import { toView } from '../../../domain/engine/to-view.ts';
import { blankIncident } from '../../../domain/engine/evolve.ts';
import { checklistOf } from '../../../domain/engine/checklist.ts';
import { readCommand, COMMAND_TYPES, fieldsOf } from '../../../domain/kernel/commands.ts';
import { openApiDocument } from '../../../webhook-server/api/openapi.ts';
import { commandBodySchema } from '../../../webhook-server/api/commands.ts';
import { incidentSchema, timelineSchema } from '../../../webhook-server/api/incident-json.ts';
import { createServerMetrics } from '../../../webhook-server/health/metrics.ts';
import { provisionalView } from '../../../webhook-server/incidents/declare-incident.ts';
import { routeTable } from '../../../webhook-server/api/route-table.ts';
import type { AppDeps } from '../../../webhook-server/dependencies.ts';
import { aDeclaration } from '../../support/builders.ts';
import { SAMPLE_COMMANDS, afterCommand, declaredIncident } from '../../support/pure-incident.ts';
import { startTestHttpServer } from '../support/test-http-server.ts';

interface Operation {
  readonly summary: string;
  readonly operationId: string;
  readonly security: readonly object[];
  readonly parameters: readonly { name: string; in: string; schema: object }[];
  readonly requestBody?: { content: Record<string, { schema: { properties: Record<string, object> } }> };
  readonly responses: Record<string, object>;
}
interface Document {
  readonly openapi: string;
  readonly paths: Record<string, Record<string, Operation>>;
}

const table = routeTable({ stateDirectory: 'nowhere' } as AppDeps, createServerMetrics());
const document = openApiDocument(table) as Document;
const find = (method: string, path: string): Operation | undefined =>
  document.paths[path.replace(/:(\w+)/g, '{$1}')]?.[method.toLowerCase()];

test.each(table.map((route) => [`${route.method} ${route.path}`, route] as const))('%s is described', (_, route) => {
  const operation = find(route.method, route.path);
  expect(operation?.summary).toMatch(/\w/);
  const inPath = (operation?.parameters ?? []).filter((parameter) => parameter.in === 'path');
  expect(inPath.map(({ name }) => name)).toEqual([...route.path.matchAll(/:(\w+)/g)].map(([, name]) => name));
  expect(operation?.security.length === 0).toBe(route.access === 'public');
  expect(operation?.requestBody !== undefined).toBe(route.body !== 'none');
  expect(operation?.responses).toHaveProperty('default');
});

test('every route is described once, and no two have one name', () => {
  const described = Object.values(document.paths).flatMap((path) => Object.values(path));
  expect(described).toHaveLength(table.length);
  expect(new Set(described.map(({ operationId }) => operationId)).size).toBe(table.length);
});

test('arguments and parameters are there by name', () => {
  const listed = find('GET', '/api/v1/incidents')?.parameters.map(({ name }) => name);
  expect(listed).toEqual(['open', 'severity', 'team', 'q', 'cursor', 'limit']);
  const schema = find('POST', '/api/v1/incidents/:id/set-severity')?.requestBody?.content['application/json']?.schema;
  expect(schema).toMatchObject({
    properties: { severity: { enum: ['SEV1', 'SEV2', 'SEV3', 'SEV4'] } },
    required: ['severity', 'reason'],
  });
});

test('the schema names every field of an incident, and fits it', () => {
  const opening = aDeclaration();
  const url = 'http://tocsin.example/incidents/x';
  for (const view of [toView(blankIncident(opening, 0)), provisionalView(opening, 0)]) {
    const shown = { ...view, url, checklist: checklistOf(view) };
    expect(incidentSchema.safeParse(shown).error?.issues).toBeUndefined();
    const described = Object.keys(incidentSchema.shape);
    // What only a merged one tells.
    expect(described.sort()).toEqual([...Object.keys(shown), 'mergedTo'].sort());
  }
  // Everything that may be there, too.
  const busy = [
    SAMPLE_COMMANDS.acknowledge,
    SAMPLE_COMMANDS.assessImpact,
    SAMPLE_COMMANDS.cause,
    SAMPLE_COMMANDS.addActionItem,
    SAMPLE_COMMANDS.completeActionItem,
  ].reduce((incident, command) => afterCommand(incident, command), declaredIncident());
  const view = { ...toView(busy), postmortem: { dueAt: null, doneAt: new Date(0).toISOString(), doneBy: 'ana', url } };
  expect(incidentSchema.safeParse({ ...view, url, checklist: checklistOf(view) }).error?.issues).toBeUndefined();
  const line = { seq: 1, at: new Date(0).toISOString(), kind: 'noted', by: null, text: 'x' };
  expect(timelineSchema.safeParse({ timeline: [line], cut: 0 }).success).toBe(true);
});

test('anybody may read it', async () => {
  const edge = await startTestHttpServer();
  const answer = await fetch(`${edge.url}/openapi.json`);
  expect([answer.status, await answer.json()]).toMatchObject([200, { openapi: '3.1.0' }]);
  await edge.close();
});

test('whatever it refers to is in it', () => {
  const refs = [...JSON.stringify(document).matchAll(/"\$ref":"#\/([^"]+)"/g)].map(([, path = '']) => path.split('/'));
  expect(refs.length).toBeGreaterThan(table.length);
  for (const path of refs) {
    const target = path.reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], document);
    expect([path.join('/'), target]).toEqual([path.join('/'), expect.any(Object)]);
  }
});

const TYPES = COMMAND_TYPES;

test.each(TYPES)('[CMD-10] what is described for %s is what is read', (type) => {
  const { type: _, ...args } = SAMPLE_COMMANDS[type];
  expect(commandBodySchema(type).safeParse(args).success).toBe(true);
  expect(commandBodySchema(type).safeParse({ ...args, surely: 'not' }).success).toBe(false);
  for (const [name, { optional }] of Object.entries(fieldsOf(type))) {
    const without = Object.fromEntries(Object.entries(args).filter(([key]) => key !== name));
    for (const given of [without, { ...args, [name]: 7.5 }, { ...args, [name]: { x: 7 } }]) {
      const isRead = 'command' in readCommand(type, { by: 'ana', ...given });
      expect([name, optional, given, commandBodySchema(type).safeParse(given).success]).toEqual([
        name,
        optional,
        given,
        isRead,
      ]);
    }
  }
});
