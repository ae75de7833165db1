import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import type { IncidentView } from '../../domain/engine/view.ts';
import type { FakeSlack } from '../support/fake-slack.ts';
import { startFakeSlack } from '../support/fake-slack.ts';
import { SYSTEM_TEST_SECRETS } from '../support/system-test-config.ts';
import type { Mailbox } from '../support/mailbox.ts';
import { startMailbox } from '../support/mailbox.ts';
import type { TestPrometheus } from '../support/prometheus.ts';
import { startPrometheus } from '../support/prometheus.ts';
import type { RunningProcess } from '../support/tocsin-processes.ts';
import { choosePorts } from '../support/ports.ts';
import { isOk, startTocsin, runTocsin } from '../support/tocsin-processes.ts';
import type { PageSink } from '../support/page-sink.ts';
import { startPageSink } from '../support/page-sink.ts';
import { areInstalled } from '../support/if-installed.ts';
import { findTestCli } from '../support/test-temporal.ts';

let home: string;
let slack: FakeSlack;
let mail: Mailbox;
let sink: PageSink;
let monitoring: TestPrometheus;
let up: RunningProcess;
let env: Record<string, string>;
let url: string;

const installed = areInstalled(['prometheus', 'prometheus-alertmanager']);

beforeAll(async () => {
  if (!installed) return;
  home = mkdtempSync(join(tmpdir(), 'tocsin-followed-'));
  [slack, mail, sink] = await Promise.all([
    startFakeSlack({ channels: [{ name: 'releases' }], members: ['U0ANA0001'] }),
    startMailbox(),
    startPageSink(['ana']),
  ]);
  const [port = 0, temporalPort = 0, uiPort = 0] = await choosePorts(3);
  url = `http://127.0.0.1:${port}`;
  const config = join(home, 'tocsin.yaml');
  writeFileSync(config, yaml());
  env = {
    ...SYSTEM_TEST_SECRETS,
    TOCSIN_HOME: join(home, 'state'),
    TOCSIN_CONFIG: config,
    PORT: String(port),
    TOCSIN_TEMPORAL_PORT: String(temporalPort),
    TOCSIN_TEMPORAL_UI_PORT: String(uiPort),
    TOCSIN_URL: url,
    TOCSIN_TOKEN: SYSTEM_TEST_SECRETS.TOCSIN_ADMIN_TOKEN,
    TEMPORAL_CLI_PATH: (await findTestCli()).path,
  };
  monitoring = await startPrometheus({ url: `${url}/webhooks/alertmanager`, token: SYSTEM_TEST_SECRETS.AM_TOKEN });
  up = await startTocsin({ args: ['up'], env, ready: () => isOk(`${url}/readyz`), withinMs: 120_000 });
}, 600_000);

afterAll(async () => {
  if (!installed) return;
  await monitoring.stop();
  await up.stop();
  await Promise.all([slack.close(), mail.close(), sink.close()]);
  rmSync(home, { recursive: true, force: true });
});

function yaml(): string {
  return `
organization: { name: Test House, releasesChannel: releases }
publicUrl: ${url}
timeZone: Europe/Berlin
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "${sink.url}/ana" }, { slack: U0ANA0001 }] }
  bo: { name: Bo Lind, contact: [{ email: bo@example.com }] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo], leadership: [bo] }
services:
  payments: { team: platform, component: Checkout }
sources:
  alertmanager: { token: "\${AM_TOKEN}" }
routes:
  - { team: platform, severity: SEV1 }
chat: { slack: { botToken: "${slack.token}", apiUrl: "${slack.url}" } }
mail: { smtp: "${mail.url}", from: incidents@example.com }
`;
}

(installed ? test : test.skip)(
  '[COMM-17] [LIFE-17] [REC-4] a SEV1 from a real Alertmanager is told the same in chat, mail, public page, ticket and command line',
  async () => {
    monitoring.setCheckoutUp(false);
    const { page } = await sink.waitFor('page', (received) => received.page.kind === 'page', 60_000);
    const { workflowId } = page.incident;
    const number = await until('the number', async () => (await show(workflowId)).reference);
    expect(number).toMatch(/^INC-\d{4}-001$/);

    expect((await runTocsin(['ack', number, '--as', 'ana'], env)).code).toBe(0);
    const said = 'Payments fail for some of you.';
    expect((await runTocsin(['update', 'INC-001', '--text', said, '--public'], env)).code).toBe(0);
    monitoring.setCheckoutUp(true);
    await until('the watch', async () => (await show('INC-001')).phase === 'monitoring');
    expect((await runTocsin(['resolve', number, '--resolution', 'restarted it', '--as', 'ana'], env)).code).toBe(0);
    await until('a settled record', async () => (await show(number)).channel);

    const incident = await show(number);
    expect(incident).toMatchObject({ severity: 'SEV1', phase: 'monitoring', roles: { ic: 'ana' }, workflowId });

    const channel = incident.channel?.slice(1) ?? '';
    expect(channel).toMatch(/^incident-\d{4}-\d\d-\d\d-/);
    const posts = await until('the chat', async () => {
      const texts = slack.messagesIn(channel).map(({ text }) => text);
      return texts.some((text) => text.startsWith('All alerts have cleared')) ? texts : null;
    });
    const summary = posts.find((text) => text.includes(number)) ?? '';
    expect(summary).toContain('SEV1');
    expect(summary).toContain('monitoring');
    expect(posts.filter((text) => text.includes(said))).toHaveLength(1);
    const [announced] = slack.messagesIn('releases');
    expect(announced?.text).toMatch(/^🚨 INCIDENT DECLARED: .*Checkout is down 🚨/);
    expect(slack.threadOf('releases', announced?.ts ?? '').filter(({ text }) => text.includes(said))).toHaveLength(1);

    const mailed = await mail.waitFor('page by mail', ({ to }) => to.includes('bo@example.com'), 10_000);
    expect(mailed.subject).toMatch(/^SEV1 for leadership: .*Checkout is down/);

    const shown = await until('the public page', async () => {
      const { incidents, components } = (await (await fetch(`${url}/status.json`)).json()) as PublicStatus;
      return incidents[0]?.state === 'Monitoring' ? { incident: incidents[0], components } : null;
    });
    expect(shown.incident.title).toBe('Problem with Checkout');
    expect(shown.incident.updates.map(({ text }) => text)).toContain(said);
    expect(JSON.stringify(shown)).not.toContain('Ana');
    expect(await (await fetch(`${url}/status`)).text()).toContain('Problem with Checkout');

    // Named by the number, or by the incident where the records were still starting.
    const tickets = join(home, 'state', 'tickets');
    expect(readdirSync(tickets).map((name) => join(tickets, name))).toEqual([incident.ticket]);
    const ticket = readFileSync(incident.ticket ?? '', 'utf8');
    for (const word of [number, 'SEV1', said]) expect(ticket).toContain(word);

    const list = await runTocsin(['list', '--json'], env);
    expect(JSON.parse(list.out)).toMatchObject({
      incidents: [{ reference: number, severity: 'SEV1', phase: 'monitoring' }],
    });
    const timeline = await runTocsin(['show', number, '--timeline'], env);
    expect(timeline.out).toContain(said);
    expect([...slack.unexpected, ...mail.unexpected, ...sink.unexpected]).toEqual([]);
  },
  300_000,
);

interface PublicStatus {
  readonly components: readonly unknown[];
  readonly incidents: readonly {
    readonly title: string;
    readonly state: string;
    readonly updates: readonly { readonly text: string }[];
  }[];
}

async function show(id: string): Promise<IncidentView> {
  const { code, out } = await runTocsin(['show', id, '--json'], env);
  expect({ code, out }).toMatchObject({ code: 0 });
  return JSON.parse(out) as IncidentView;
}

async function until<T>(what: string, look: () => Promise<T>, withinMs = 60_000): Promise<NonNullable<T>> {
  const end = Date.now() + withinMs;
  for (;;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) throw new Error(`${what}: not within ${withinMs} ms`);
    await new Promise((resolve) => setTimeout(resolve, 300));
  }
}
