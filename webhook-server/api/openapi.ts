/** `GET /openapi.json`: the OpenAPI 3.1 document, made from the very table that serves the API. */
import { z } from 'zod';
import { defineRoute, type Route } from '../http/route.ts';
import { NAMED_SCHEMAS, problemSchema } from './common-schemas.ts';

export function openApiRoute(table: () => readonly Route[]): Route {
  let document: object | undefined;
  return defineRoute({
    method: 'GET',
    path: '/openapi.json',
    summary: 'This description',
    access: 'public',
    body: 'none',
    output: { 200: z.looseObject({}) },
    handle: () => ({ status: 200, json: (document ??= openApiDocument(table())) }),
  });
}

export function openApiDocument(table: readonly Route[]): object {
  const components = new Components();
  const paths: Record<string, Record<string, object>> = {};
  for (const route of table) {
    const path = route.path.replace(/:(\w+)/g, '{$1}');
    paths[path] = { ...paths[path], [route.method.toLowerCase()]: operationOf(route, components) };
  }
  const problem = { 'application/problem+json': { schema: components.referTo(problemSchema, 'output') } };
  return {
    openapi: '3.1.0',
    info: {
      title: 'Tocsin',
      version: '1',
      description: 'Alerts in, incidents out. Fields may be added at any time; those named here stay.',
    },
    paths,
    components: {
      schemas: components.schemas,
      responses: { Problem: { description: PROBLEM, content: problem } },
      securitySchemes: {
        token: { type: 'http', scheme: 'bearer', description: 'a token made with `tocsin token create`' },
        source: { type: 'http', scheme: 'bearer', description: "the source's token; Grafana may sign instead" },
        sourceBasic: { type: 'http', scheme: 'basic', description: "the source's token as the password" },
      },
    },
  };
}

const PROBLEM = 'What went wrong (RFC 9457): 400 bad request, 404 unknown, 409 not in this phase, 503 try again';

/** The schemas that routes refer to by name, collected while the routes are described. */
class Components {
  readonly schemas: Record<string, object> = {};

  /** The schema itself, or a reference where it has a name. */
  referTo(schema: z.ZodType, io: 'input' | 'output'): object {
    const name = NAMED_SCHEMAS.get(schema)?.name;
    if (name === undefined) return jsonSchema(schema, io);
    this.schemas[name] ??= jsonSchema(schema, io);
    return { $ref: `#/components/schemas/${name}` };
  }

  contentOf(content: Route['output'][number], io: 'input' | 'output'): object {
    const byMediaType = content instanceof z.ZodType ? { 'application/json': content } : content;
    const entries = Object.entries(byMediaType).map(([type, schema]): [string, object] => [
      type,
      { schema: this.referTo(schema, io) },
    ]);
    return Object.fromEntries(entries);
  }
}

function operationOf(route: Route, components: Components): object {
  const { summary, query, output } = route;
  const body = route.input ?? route.inputShape;
  const mediaType = route.body === 'markdown' ? 'text/markdown' : 'application/json';
  return {
    operationId: operationIdOf(route),
    summary,
    ...(isForPeople(route) ? { 'x-role': route.access } : {}),
    security: securityOf(route),
    parameters: [...pathParameters(route), ...(query ? queryParameters(query) : []), ...idempotencyOf(route)],
    ...(body && {
      requestBody: {
        required: route.body !== 'optional',
        content: components.contentOf({ [mediaType]: body }, 'input'),
      },
    }),
    responses: { ...responsesOf(output, components), default: { $ref: '#/components/responses/Problem' } },
  };
}

/** They have roles; senders have secrets. */
const isForPeople = ({ access }: Route): boolean => !['public', 'source', 'own'].includes(access);

function operationIdOf({ method, path }: Route): string {
  const words = path.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '');
  return [method.toLowerCase(), ...words].join('-');
}

function securityOf({ access }: Route): readonly object[] {
  if (access === 'public') return [];
  return access === 'source' || access === 'own' ? [{ source: [] }, { sourceBasic: [] }] : [{ token: [] }];
}

const PATH_PARAMETERS: Readonly<Record<string, string>> = {
  id: 'a ULID, INC-YYYY-NNN, INC-NNN, or a workflowId (its newest incident)',
  token: 'signed',
  name: 'as in the configuration',
  window: 'the id of a window that a person declared',
};

function pathParameters({ path }: Route): readonly object[] {
  return [...path.matchAll(/:(\w+)/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    description: PATH_PARAMETERS[name] ?? '',
    schema: { type: 'string' },
  }));
}

function queryParameters(query: z.ZodObject): readonly object[] {
  const { properties = {} } = jsonSchema(query, 'input');
  return Object.entries(properties).map(([name, schema]) => ({ name, in: 'query', required: false, schema }));
}

function idempotencyOf(route: Route): readonly object[] {
  if (!isForPeople(route) || route.method === 'GET') return [];
  const description = 'send the same key again to get the first answer';
  const schema = { type: 'string', pattern: '^[\\w.:-]{1,64}$' };
  return [{ name: 'Idempotency-Key', in: 'header', required: false, description, schema }];
}

function responsesOf(output: Route['output'], components: Components): Record<string, object> {
  const entries = Object.entries(output).map(([status, content]): [string, object] => [
    status,
    { description: STATUS_DESCRIPTIONS[status] ?? 'Done', content: components.contentOf(content, 'output') },
  ]);
  return Object.fromEntries(entries);
}

const STATUS_DESCRIPTIONS: Readonly<Record<string, string>> = {
  201: 'Declared',
  202: 'Durable; acted on as soon as a worker can',
  503: 'Not now',
};

function jsonSchema(schema: z.ZodType, io: 'input' | 'output'): { readonly properties?: Record<string, object> } {
  const { $schema: _, ...rest } = z.toJSONSchema(schema, { io, unrepresentable: 'any' });
  return rest as { properties?: Record<string, object> };
}
