/** Every address of ours in whatever one incident says to anybody opens a page for a person. */
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { startFakeSlack, type FakeSlack } from '../support/fake-slack.ts';
import { startMailbox, type Mailbox } from '../support/mailbox.ts';
import { startPageSink, type PageSink } from '../support/page-sink.ts';
import { choosePorts } from '../support/ports.ts';
import { SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import { findTestCli } from '../support/test-temporal.ts';
import { isOk, runTocsin, startTocsin, type RunningProcess } from '../support/tocsin-processes.ts';
import { until } from '../support/until.ts';

let home: string;
let url: string;
let env: Record<string, string>;
let slack: FakeSlack;
let mail: Mailbox;
let sink: PageSink;
let up: RunningProcess;

beforeAll(async () => {
  home = mkdtempSync(join(tmpdir(), 'tocsin-links-'));
  [slack, mail, sink] = await Promise.all([
    startFakeSlack({ members: ['U0ANA0001'] }),
    startMailbox(),
    startPageSink(['ana']),
  ]);
  const [port = 0, temporalPort = 0, uiPort = 0] = await choosePorts(3);
  url = `http://127.0.0.1:${port}`;
  writeFileSync(join(home, 'tocsin.yaml'), yaml());
  env = {
    ...SYSTEM_TEST_SECRETS,
    TOCSIN_HOME: join(home, 'state'),
    TOCSIN_CONFIG: join(home, 'tocsin.yaml'),
    PORT: String(port),
    TOCSIN_TEMPORAL_PORT: String(temporalPort),
    TOCSIN_TEMPORAL_UI_PORT: String(uiPort),
    TOCSIN_URL: url,
    TOCSIN_TOKEN: SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN,
    TEMPORAL_CLI_PATH: (await findTestCli()).path,
  };
  up = await startTocsin({ args: ['up'], env, ready: () => isOk(`${url}/readyz`), withinMs: 120_000 });
}, 600_000);

afterAll(async () => {
  await up.stop();
  await Promise.all([slack.close(), mail.close(), sink.close()]);
  rmSync(home, { recursive: true, force: true });
});

function yaml(): string {
  return `
organization: Example Shop
publicUrl: ${url}
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "${sink.url}/ana" }, { slack: U0ANA0001 }] }
  bo: { name: Bo Lind, contact: [{ email: bo@example.com }] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo], leadership: [bo] }
services:
  payments: { team: platform, component: Checkout }
stakeholders:
  - { name: board, contact: { email: board@example.com } }
  - { name: customers, contact: { email: customers@example.com }, audience: external, services: [payments] }
routes:
  - team: platform
chat: { slack: { botToken: "${slack.token}", apiUrl: "${slack.url}" } }
mail: { smtp: "${mail.url}", from: incidents@example.com }
tickets: { files: true }
`;
}

const tocsin = async (...args: readonly string[]): Promise<string> => {
  const { code, out } = await runTocsin([...args], env);
  if (code !== 0) throw new Error(`tocsin ${args.join(' ')}: ${code} ${out}`);
  return out;
};

const addressesIn = (text: string): readonly string[] =>
  text.match(new RegExp(`${url}[^\\s"'<>|)\\]\\\\,]*`, 'g'))?.map((found) => found.replace(/[.:;]+$/, '')) ?? [];

const pageAt = async (address: string) => {
  const answer = await fetch(address, { headers: { accept: 'text/html,*/*;q=0.8' } });
  return { status: answer.status, type: answer.headers.get('content-type') ?? '', text: await answer.text() };
};

const PAGE = /^text\/html|^application\/atom\+xml/;

/** What is wrong with the addresses, and with those on the pages behind them. */
async function deadEnds(addresses: readonly string[]): Promise<readonly string[]> {
  const found: string[] = [];
  const visited = new Set<string>();
  const open = [...addresses];
  for (let address = open.pop(); address !== undefined; address = open.pop()) {
    if (visited.has(address)) continue;
    visited.add(address);
    const { status, type, text } = await pageAt(address);
    // Without its signature an incident's page says how to get in, and the incident is over when its links are tried.
    const isSaid = { 401: 'needs a link or a token', 410: 'link has ended' }[status];
    const isFine = status === 200 || (isSaid !== undefined && text.includes(isSaid));
    if (!isFine || !PAGE.test(type)) found.push(`${address}: ${status} ${type}`);
    for (const [, href = ''] of text.matchAll(/ href="([^"]+)"/g)) {
      const target = new URL(href.replaceAll('&amp;', '&'), address);
      // The public page offers itself to programs, by that name.
      if (target.origin === url && target.pathname !== '/status.json') open.push(target.href);
    }
  }
  return found;
}

function ticketText(): string {
  const folder = join(home, 'state', 'tickets');
  return readdirSync(folder)
    .map((file) => readFileSync(join(folder, file), 'utf8'))
    .join('\n');
}

test('no link in a page, message, ticket, document or answer of an incident leads to a 404, to JSON or to the public', async () => {
  const said: string[] = [];
  said.push(
    await tocsin('declare', '--title', 'Nobody can pay', '--severity', 'SEV1', '--service', 'payments', '--as', 'bo'),
  );
  const { page } = await sink.waitFor('page', (received) => received.page.kind === 'page', 60_000);
  const { workflowId } = page.incident;
  said.push(await tocsin('ack', workflowId, '--as', 'ana'));
  await tocsin('update', workflowId, '--text', 'Some of you cannot pay.', '--public', '--as', 'ana');
  await mail.waitFor('mail to the board', ({ to }) => to.includes('board@example.com'), 60_000);
  said.push(await tocsin('show', workflowId), await tocsin('list'), await tocsin('explain', workflowId));
  await tocsin('false-alarm', workflowId, '--reason', 'only a test', '--as', 'ana');
  await until(async () => addressesIn(ticketText()).length > 0, 30_000);
  for (const format of ['markdown', 'yaml', 'json']) said.push(await tocsin('export', workflowId, '--format', format));

  const external = mail.mails.filter(({ to }) => to.includes('customers@example.com'));
  const internal = mail.mails.filter((one) => !external.includes(one));
  const posts = slack.conversations().flatMap(({ name }) => slack.messagesIn(name));
  const publicly = await Promise.all(
    ['/status', '/status/feed.atom', '/status.json'].map((path) => pageAt(url + path)),
  );
  const inside = [JSON.stringify([sink.received, internal, posts]), ticketText(), ...said].join('\n');
  const addresses = [...addressesIn(inside), ...addressesIn(JSON.stringify([external, publicly])), `${url}/`];

  expect(addresses.filter((address) => /\/ack\//.test(address)).length).toBeGreaterThan(0);
  expect(addresses.filter((address) => /\?link=/.test(address)).length).toBeGreaterThan(3);
  expect(await deadEnds(addresses)).toEqual([]);
  expect(JSON.stringify([external, publicly])).not.toMatch(/\/incidents\/|link=|\/ack\//);
  expect(said.join('\n')).not.toContain('link=');
});
