/** A command is its feature and its row in domain/kernel/commands.ts: everything else is made from that row. */
import { readdirSync, readFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { COMMANDS as CLI_COMMANDS } from '../../cli/commands/index.ts';
import { COMMAND_TYPES, COMMANDS, fieldsOf, type CommandType } from '../../domain/kernel/commands.ts';
import { kebab } from '../../domain/kernel/text.ts';
import { openApiDocument } from '../../webhook-server/api/openapi.ts';
import { routeTable } from '../../webhook-server/api/route-table.ts';
import type { AppDeps } from '../../webhook-server/dependencies.ts';
import { createServerMetrics } from '../../webhook-server/health/metrics.ts';

const ROOT = join(import.meta.dirname, '../..');
const FOLDERS = [
  'activities',
  'cli',
  'config',
  'domain',
  'providers',
  'records',
  'webhook-server',
  'worker',
  'workflows',
];
const SOURCES = FOLDERS.flatMap((folder) =>
  readdirSync(join(ROOT, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith('.ts'))
    .map((file) => join(ROOT, folder, file)),
).map((file) => ({ file: relative(ROOT, file), text: readFileSync(file, 'utf8') }));

/** Commands that do more than record what was said, and where: each is named there for its own reason. */
const DO_MORE: readonly CommandType[] = [
  ...(['acknowledge', 'resolve', 'addNote'] as const), // kept while Temporal is away
  ...(['assignRole', 'escalate', 'addActionItem', 'runAction', 'merge'] as const), // name what must exist
  ...(['reopen', 'close', 'completePostmortem'] as const), // go to the post-incident flow
  'postUpdate', // on the command line its status chooses who reads it
  'assessImpact', // is asked for by --guide
  'cause', // is also a field of an update, and of every error
];
const PLAIN = COMMAND_TYPES.filter((type) => !DO_MORE.includes(type));

test.each(PLAIN)('%s is written down in the domain alone: its row, when it is allowed, what it decides', (type) => {
  const naming = SOURCES.filter(({ text }) => new RegExp(`'${type}'|\\b${type}:`).test(text)).map(({ file }) => file);
  expect(naming.filter((file) => !file.startsWith('domain/'))).toEqual([]);
  expect(naming.filter((file) => file.startsWith('domain/engine/') || file.startsWith('domain/kernel/'))).toEqual(
    expect.arrayContaining(['domain/engine/decide.ts', 'domain/kernel/commands.ts']),
  );
});

const table = routeTable({ stateDirectory: 'nowhere' } as AppDeps, createServerMetrics());
const document = openApiDocument(table) as {
  paths: Record<
    string,
    { post: { summary: string; requestBody: { content: Record<string, { schema: BodySchema }> } } }
  >;
};
interface BodySchema {
  readonly properties: Readonly<Record<string, { readonly description?: string }>>;
}

test.each(COMMAND_TYPES)('%s shows in routes, OpenAPI and command line, with every field and its help', (type) => {
  const { summary, cli } = COMMANDS[type];
  const route = table.find(({ path }) => path === `/api/v1/incidents/:id/${kebab(type)}`);
  expect(route).toMatchObject({ method: 'POST', access: 'responder', audited: { command: type } });
  const { post } = document.paths[`/api/v1/incidents/{id}/${kebab(type)}`]!;
  expect(post.summary.toLowerCase()).toBe(summary.toLowerCase());
  const { properties } = post.requestBody.content['application/json']!.schema;
  const described = Object.entries(fieldsOf(type)).map(([name, { about }]) => [name, about]);
  expect(Object.entries(properties).map(([name, { description }]) => [name, description])).toEqual(
    expect.arrayContaining(described),
  );
  const command = CLI_COMMANDS.find(({ name }) => name === cli.name);
  expect(command).toMatchObject({ about: summary, kind: 'api', examples: cli.examples });
});

test.each(PLAIN)('the command line takes every field of %s as an argument or an option', (type) => {
  const command = CLI_COMMANDS.find(({ name }) => name === COMMANDS[type].cli.name);
  const [id, ...args] = command?.args ?? [];
  const [by, ...options] = [...(command?.options ?? [])].reverse();
  expect([id?.name, by?.flags]).toEqual(['id', '--as <person>']);
  const help = [...args, ...options].map(({ about }) => about);
  expect(help.sort()).toEqual(
    Object.values(fieldsOf(type))
      .map(({ about }) => about)
      .sort(),
  );
});
