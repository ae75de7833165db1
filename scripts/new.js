/**
 * `npm run new -- provider|source|command|config NAME`: makes the files of a new vendor, source of alerts, command or
 * section of the configuration, with a test and a place in the docs, and registers it. What it makes passes every
 * check as it is; replace what stands for the example.
 */
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { format, resolveConfig } from 'prettier';
import ts from 'typescript';

const KINDS = { provider, source, command, config };
const root = path.join(import.meta.dirname, '..');

const [kind = '', name = ''] = process.argv.slice(2);
if (!Object.hasOwn(KINDS, kind) || !/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
  console.error(`usage: npm run new -- ${Object.keys(KINDS).join('|')} NAME   (NAME in lower case, words joined by -)`);
  process.exit(2);
}
/** `my-vendor` → `myVendor`, `MyVendor`. */
const camel = name.replace(/-([a-z0-9])/g, (_, first) => first.toUpperCase());
const pascal = camel.charAt(0).toUpperCase() + camel.slice(1);
const upper = name.replaceAll('-', '_').toUpperCase();

for (const [file, text] of KINDS[kind]()) {
  const target = path.join(root, file);
  mkdirSync(path.dirname(target), { recursive: true });
  const style = await resolveConfig(target);
  writeFileSync(target, await format(text, { ...style, filepath: target }));
  console.log(file);
}
if (kind === 'command') console.log('Now give it a row in the table of commands in docs/runbook.md.');

function provider() {
  return [
    made(
      `providers/${name}/${name}.ts`,
      `/** ${pascal}: say what it is, and where its API is documented. */
import type { z } from 'zod';
import type { Contact } from '../../activities/ports.ts';
import { baseUrl, strict, token } from '../../runtime/setting-schemas.ts';
import { callVendor } from '../shared/http.ts';
import { targetLike, type Vendor } from '../vendor.ts';

const schema = strict({ apiUrl: baseUrl, token });

type ${pascal}Settings = z.output<typeof schema>;

export const ${camel} = {
  settings: {
    at: '${camel}' as const,
    schema,
    example: '${camel}: { apiUrl: "https://api.example.com", token: "\${${upper}_TOKEN}" }',
  },
  contacts: { ${camel}: { target: targetLike('who is paged there', /\\S/) } },
  connect: (settings) => ({ contact: (target, method) => ${camel}Contact(settings, target, method) }),
} satisfies Vendor<${pascal}Settings>;

export function ${camel}Contact({ apiUrl, token }: ${pascal}Settings, to: string, method: string): Contact {
  return {
    method,
    quiet: false,
    send: async ({ key, text, acknowledgeUrl }, signal) => {
      const headers = { authorization: \`Bearer \${token}\`, 'idempotency-key': key };
      const body = { to, text, acknowledgeUrl };
      await callVendor('${name}', { method: 'POST', url: \`\${apiUrl}/pages\`, body, headers }, signal);
    },
  };
}
`,
    ),
    made(
      `test/providers/${name}/${name}.test.ts`,
      `/** Pages through ${pascal}, against a server made from its documentation. */
import { ${camel}Contact } from '../../../providers/${name}/${name}.ts';
import { expectRequest, startFakeApi } from '../../support/fake-api.ts';
import { describeProvider } from '../provider-contract.ts';
import { aPage } from '../provider-fixtures.ts';

const SECRET = '${name}-secret-4711';

describeProvider(
  '${name}',
  async () => {
    const keys = new Set<string>();
    let expired = false;
    const fake = await startFakeApi(({ method, path, headers }) => {
      expectRequest(method === 'POST' && path === '/pages', 'no such endpoint');
      if (expired || headers.authorization !== \`Bearer \${SECRET}\`) return { status: 401 };
      keys.add(String(headers['idempotency-key']));
      return { status: 202 };
    });
    return {
      url: fake.url,
      secrets: [SECRET],
      provider: (url) => {
        const contact = ${camel}Contact({ apiUrl: url, token: SECRET }, 'ana', '${camel}');
        return (_again, signal) => contact.send(aPage(), signal);
      },
      effects: () => keys.size,
      unexpected: () => fake.unexpected,
      expireToken: () => void (expired = true),
      close: () => fake.close(),
    };
  },
  { readsAnswer: false },
);
`,
    ),
    made(
      `docs/${name}.md`,
      `# ${pascal}

Tocsin pages people through ${pascal}.

\`\`\`yaml
${camel}: { apiUrl: 'https://api.example.com', token: '\${${upper}_TOKEN}' }

people:
  ana: { name: Ana Ruiz, contact: [{ ${camel}: ana }] }
\`\`\`

## What arrives

Say what people see there.

## When something goes wrong

| ${pascal} answers | Tocsin |
| --- | --- |
| 2xx | records the page as accepted |
| nothing for 10 s, 5xx, a lost answer | tries again with the same key |
| 400, 413, 422 | gives this method up and tries the person's next method at once |
| 401, 403, 404 | does the same; your settings need a fix |
`,
    ),
    line('providers/registry.ts', `export { ${camel} } from './${name}/${name}.ts';`),
  ];
}

function config() {
  return [
    made(
      `config/sections/${name}.ts`,
      `/** \`${camel}\`: say what it is for. */
import type { z } from 'zod';
import { orNull, strict, text } from '../../runtime/setting-schemas.ts';
import type { Section } from '../config.ts';

const schema = strict({ example: orNull(text(200)) }).prefault({});

export type ${pascal}Setting = z.output<typeof schema>;

export const ${camel}Section: Section<${pascal}Setting> = { schema };
`,
    ),
    made(
      `test/config/sections/${name}.test.ts`,
      `/** \`${camel}\` in the configuration: what is read, what holds by default, what is refused. */
import { ${camel}Section } from '../../../config/sections/${name}.ts';

test('what is read, and what holds by default', () => {
  expect(${camel}Section.schema.parse({ example: ' some text ' })).toEqual({ example: 'some text' });
  expect(${camel}Section.schema.parse(undefined)).toEqual({ example: null });
});

test.each([[{ unknown: 1 }], [{ example: 1 }], ['text']])('%j is refused', (written) => {
  expect(${camel}Section.schema.safeParse(written).success).toBe(false);
});
`,
    ),
    line('config/sections/index.ts', `export { ${camel}Section as ${camel} } from './${name}.ts';`),
    section(
      'docs/configuration.md',
      `## ${pascal}

\`\`\`yaml
${camel}: { example: some text }
\`\`\`

| key | default | |
| --- | --- | --- |
| \`example\` | none | say what it does |
`,
    ),
  ];
}

function source() {
  const parser = `parse${pascal}`;
  return [
    made(
      `webhook-server/ingest/sources/${name}.ts`,
      `/** ${pascal}: say what sends this, and where its format is documented. Loose on what we ignore, strict on what we read. */
import { z } from 'zod';
import { alertLinks, alertSpan, titleLine, webLink } from './alert-fields.ts';
import { shortHash } from './fingerprint.ts';
import { NO_TITLE, problemsOfZodError, type ParseBody } from './message.ts';
import { cleanSet } from './sanitize.ts';

const payload = z.looseObject({
  id: z.string().min(1),
  status: z.enum(['firing', 'resolved']),
  title: z.string().optional().catch(undefined),
  labels: z.unknown().optional(),
  url: z.unknown().optional(),
});

export const ${parser}: ParseBody = (body, receivedAt) => {
  const sent = payload.safeParse(body);
  if (!sent.success) return { problems: problemsOfZodError(sent.error) };
  const { id, status, labels, url } = sent.data;
  const title = titleLine(sent.data.title);
  const alert = {
    fingerprint: shortHash(id),
    status,
    ...alertSpan({ status, receivedAt }, {}),
    labels: cleanSet(labels),
    annotations: {},
    links: alertLinks({ source: webLink(url), dashboard: undefined, runbook: undefined, silence: undefined }),
    title: title ?? NO_TITLE,
  };
  const message = { groupKey: id, groupLabels: {}, title, summary: null, truncated: 0, test: false };
  return { messages: [{ ...message, alerts: [alert] }] };
};
`,
    ),
    made(
      `test/webhook-server/ingest/sources/${name}.test.ts`,
      `/** ${pascal}: replace these bodies with real ones in test/fixtures, and say where they come from. */
import { ${parser} } from '../../../../webhook-server/ingest/sources/${name}.ts';

const NOW = Date.UTC(2026, 0, 5);
const parse = (body: unknown) => ${parser}(body, NOW);

test('an alert that fires, and the same alert resolved', () => {
  const sent = { id: 'disk-7', title: 'Disk full', labels: { severity: 'critical' }, url: 'https://a.example/7' };
  const firing = {
    status: 'firing',
    title: 'Disk full',
    labels: { severity: 'critical' },
    links: { source: 'https://a.example/7' },
  };
  expect(parse({ ...sent, status: 'firing' })).toMatchObject({
    messages: [{ groupKey: 'disk-7', title: 'Disk full', alerts: [firing] }],
  });
  expect(parse({ ...sent, status: 'resolved' })).toMatchObject({ messages: [{ alerts: [{ status: 'resolved' }] }] });
});

test.each([[{}], [[]], ['text'], [{ id: '', status: 'firing' }]])('%j is refused', (body) => {
  expect(parse(body)).toHaveProperty('problems');
});
`,
    ),
    ...registerSource(parser),
    section(
      'docs/sources.md',
      `## ${pascal}

Say what sends it, where its address is set, and what its fields become.

| field | becomes |
| --- | --- |
| \`id\` | the alert and its incident |
| \`title\`, \`labels\` | title and labels |
| \`status\` | \`firing\` or \`resolved\` |
| \`url\` | the link to the alert |
`,
    ),
  ];
}

function registerSource(parser) {
  const index = 'webhook-server/ingest/sources/index.ts';
  const settings = 'config/sections/sources.ts';
  const [, imported] = line(index, `import { ${parser} } from './${name}.ts';`);
  const row = `${camel}: { parser: () => ${parser}, webhook: 'Alerts of ${pascal}' }`;
  return [
    [index, withProperty(index, 'SOURCES', row, imported)],
    [settings, withProperty(settings, 'KINDS', `${camel}: strict({ token: sourceToken, repeatInterval }).optional()`)],
  ];
}

function command() {
  const commands = 'domain/kernel/commands.ts';
  const sample = 'test/support/pure-incident.ts';
  const row = `${camel}: {
    summary: 'say in one line what it does',
    allowedIn: OPEN,
    fields: { text: { is: 'text', about: 'what to say' } },
    cli: { name: '${name}', args: ['text'], examples: ['tocsin ${name} INC-2026-003 "some text"'] },
  }`;
  const decision = `case '${camel}':
      return accept('Noted.', { type: 'note-added', at, by, text: command.text });`;
  return [
    [commands, withProperty(commands, 'COMMANDS', row)],
    ['domain/engine/decide.ts', withCase('domain/engine/decide.ts', 'decideByType', decision)],
    [sample, withProperty(sample, 'SAMPLE_COMMANDS', `${camel}: { type: '${camel}', text: 'some text' }`)],
    made(
      `test/domain/engine/${name}.test.ts`,
      `/** \`${camel}\`: what it causes, and when it is refused. */
import { afterCommand, afterEvents, atMinute, decideCommand, firingIncident } from '../../support/pure-incident.ts';

const command = { type: '${camel}', text: 'some text', by: 'ana' } as const;

test('while the incident is open, it is recorded', () => {
  expect(decideCommand(firingIncident(), command)).toMatchObject({
    refused: false,
    events: [{ type: 'note-added', by: 'ana', text: 'some text' }],
  });
});

test('once the incident is over, it is refused', () => {
  const acknowledged = afterCommand(firingIncident(), { type: 'acknowledge' });
  const over = afterEvents(acknowledged, { type: 'false-alarm-declared', at: atMinute(2), by: 'ana', reason: 'none' });
  expect(decideCommand(over, command, 3)).toMatchObject({ refused: true });
});
`,
    ),
    section(
      'docs/command-line.md',
      `## tocsin ${name}

\`tocsin ${name} ID TEXT\`: say what it does, and when it is refused. Move this into the table above.
`,
    ),
  ];
}

/** A file that must not exist yet. */
function made(file, text) {
  if (existsSync(path.join(root, file))) throw new Error(`${file} exists already`);
  return [file, text];
}

/** The file with one more line among those like it, in order. */
function line(file, text) {
  const lines = readFileSync(path.join(root, file), 'utf8').split('\n');
  const like = new RegExp(`^${text.split(' ', 1)[0]} .* from '\\./`);
  const at = lines.findIndex((other) => like.test(other) && other > text);
  const last = lines.findLastIndex((other) => like.test(other));
  lines.splice(at === -1 ? last + 1 : at, 0, text);
  return [file, lines.join('\n')];
}

/** A page of the docs with one more section at its end. */
function section(file, text) {
  return [file, `${readFileSync(path.join(root, file), 'utf8').trimEnd()}\n\n${text}`];
}

/** The text of `file` with one more element in the object or list that is called `name`. */
function withProperty(file, list, text, before = readFileSync(path.join(root, file), 'utf8')) {
  return insertAtEnd(file, before, text, (node) =>
    ts.isVariableDeclaration(node) && node.name.getText() === list ? literalIn(node.initializer) : undefined,
  );
}

function literalIn(node) {
  if (ts.isObjectLiteralExpression(node)) return node.properties;
  if (ts.isArrayLiteralExpression(node)) return node.elements;
  return literalIn(node.expression);
}

/** The text of `file` with one more case in the `switch` of the function `name`. */
function withCase(file, name, text) {
  return insertAtEnd(file, readFileSync(path.join(root, file), 'utf8'), text, (node) =>
    ts.isFunctionDeclaration(node) && node.name?.text === name
      ? node.body.statements.find(ts.isSwitchStatement)?.caseBlock.clauses
      : undefined,
  );
}

function insertAtEnd(file, before, text, find) {
  let nodes;
  const visit = (node) => {
    nodes ??= find(node);
    if (nodes === undefined) ts.forEachChild(node, visit);
  };
  visit(ts.createSourceFile(file, before, ts.ScriptTarget.Latest, true));
  if (nodes === undefined) throw new Error(`${file} is not as this script expects it: register it by hand`);
  const comma = text.startsWith('case ') || nodes.hasTrailingComma ? '' : ',';
  return `${before.slice(0, nodes.end)}${comma}\n${text}${nodes.hasTrailingComma ? ',' : ''}${before.slice(nodes.end)}`;
}
