/** The OpenAPI 3.1 document, made from the route table: what the server does not serve cannot get in. */
import { z } from 'zod';
import type { Route } from '../../http/route.ts';
import { ROUTE_DESCRIPTIONS, type RouteDescription } from './route-descriptions.ts';
import { NAMED_SCHEMAS } from './response-schemas.ts';

/** Throws for a route that nobody has described. */
export function openApiDocument(table: readonly Route[]): object {
  const paths: Record<string, Record<string, object>> = {};
  for (const route of table) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operation(route) };
  }
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tocsin',
      version: '1',
      description: 'Alerts in, incidents out. Fields may be added at any time; none that is named here goes away.',
    },
    paths,
    components: {
      schemas: Object.fromEntries([...NAMED_SCHEMAS].map(([schema, name]) => [name, jsonSchema(schema, 'output')])),
      responses: {
        Problem: { description: PROBLEM, content: { 'application/problem+json': { schema: PROBLEM_REF } } },
      },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'a token of `tocsin token create`' },
        source: { type: 'http', scheme: 'bearer', description: "the source's token; Grafana may sign instead" },
        sourceBasic: { type: 'http', scheme: 'basic', description: "the source's token as the password" },
      },
    },
  };
}

const PROBLEM = 'What went wrong (RFC 9457): 400 what was sent, 404 unknown, 409 not in this phase, 503 try again';
const PROBLEM_REF = { $ref: '#/components/schemas/Problem' };

function operation(route: Route): object {
  const name = `${route.method} ${route.path}`;
  const description = Object.hasOwn(ROUTE_DESCRIPTIONS, name) ? ROUTE_DESCRIPTIONS[name] : undefined;
  if (description === undefined) throw new Error(`${name} is not described`);
  const { summary, query, body, answers } = description;
  const needs = isForPeople(route) ? { 'x-role': route.access } : {};
  return {
    operationId: operationIdOf(route),
    summary,
    ...needs,
    security: securityOf(route),
    parameters: [...pathParameters(route), ...(query ? queryParameters(query) : []), ...idempotencyOf(route)],
    ...(body
      ? { requestBody: { required: route.body !== 'optional', content: contentOf({ [typeOf(route)]: body }, 'input') } }
      : {}),
    responses: { ...responsesOf(answers), default: { $ref: '#/components/responses/Problem' } },
  };
}

/** They have roles; senders have secrets. */
const isForPeople = ({ access }: Route): boolean => !['public', 'source', 'own'].includes(access);

const JSON_TYPE = 'application/json';

const typeOf = ({ body }: Route): string => (body === 'markdown' ? 'text/markdown' : JSON_TYPE);

function operationIdOf({ method, path }: Route): string {
  const words = path.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '');
  return [method.toLowerCase(), ...words].join('-');
}

function securityOf({ access }: Route): readonly object[] {
  if (access === 'public') return [];
  return access === 'source' || access === 'own' ? [{ source: [] }, { sourceBasic: [] }] : [{ token: [] }];
}

const PARAMETERS: Readonly<Record<string, string>> = {
  id: 'a ULID, INC-YYYY-NNN, INC-NNN, or a workflowId (its newest incident)',
  token: 'signed',
  name: 'as in the configuration',
  window: 'the id of a window that a person declared',
};

function pathParameters({ path }: Route): readonly object[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    ...{ name, in: 'path', required: true, description: PARAMETERS[name] ?? '' },
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject): readonly object[] {
  const { properties = {} } = jsonSchema(query, 'input');
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function idempotencyOf(route: Route): readonly object[] {
  if (!isForPeople(route) || route.method === 'GET') return [];
  const description = 'the same key again: the first answer';
  const schema = { type: 'string', pattern: '^[\\w.:-]{1,64}$' };
  return [{ name: 'Idempotency-Key', in: 'header', required: false, description, schema }];
}

function responsesOf(answers: RouteDescription['answers']): Record<string, object> {
  const entries = Object.entries(answers).map(([status, content]): [string, object] => [
    status,
    { description: STATUS_DESCRIPTIONS[status] ?? 'Done', content: contentOf(content, 'output') },
  ]);
  return Object.fromEntries(entries);
}

const STATUS_DESCRIPTIONS: Readonly<Record<string, string>> = {
  201: 'Declared',
  202: 'Durable, and worked on as soon as somebody can',
  503: 'Not now',
};

function contentOf(content: Readonly<Record<string, z.ZodType>>, io: 'input' | 'output'): Record<string, object> {
  const entries = Object.entries(content).map(([type, schema]): [string, object] => {
    const name = NAMED_SCHEMAS.get(schema);
    return [type, { schema: name === undefined ? jsonSchema(schema, io) : { $ref: `#/components/schemas/${name}` } }];
  });
  return Object.fromEntries(entries);
}

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): { readonly properties?: Record<string, object> } {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest as { properties?: Record<string, object> };
}
