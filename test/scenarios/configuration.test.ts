/** What the configuration alone decides, seen in an incident: its words, its monitor outside, and that somebody is reached. */
import { ALL_SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test } from '@jest/globals';
import { pino } from 'pino';
import type { Chat, Ports } from '../../activities/ports.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { policyFor } from '../../config/policy.ts';
import { Vendors } from '../../providers/vendors.ts';
import { createPorts } from '../../worker/reloadable-activities.ts';
import { aPolicy } from '../support/builders.ts';
import {
  SCENARIO_ADMIN_TOKEN,
  runServerScenario,
  serverScenarioYaml,
  SCENARIO_SENDER_TOKEN,
} from '../support/server-scenario.ts';
import { createLedger, DEFAULT_ROSTER } from '../support/ledger.ts';
import type { World } from '../support/scenario.ts';
import { createWorld, runScenario } from '../support/scenario.ts';
import { base } from '../webhook-server/support/test-http-server.ts';
import { unavailableRecords } from '../webhook-server/support/test-records.ts';

let world: World;
const home = mkdtempSync(join(tmpdir(), 'tocsin-configured-'));
beforeAll(async () => {
  world = await createWorld();
});
afterAll(async () => {
  await world.close();
  rmSync(home, { recursive: true });
});

/** A configuration file, and the ports that a worker makes of it. */
function configured(yaml: string): { config: Config; ports: Ports } {
  const path = join(home, 'tocsin.yaml');
  writeFileSync(path, yaml);
  const config = loadConfig({ path, env: {} });
  const log = pino({ level: 'silent' });
  const vendors = new Vendors(config.vendors);
  const parts = {
    config,
    vendors,
    home,
    log,
    records: unavailableRecords(),
    secret: 'a secret',
    searchAttributes: () => ({ searchable: true, searchAttributes: ALL_SEARCH_ATTRIBUTES }),
    pageMetrics: { tried: () => undefined },
  };
  return { config, ports: createPorts(parts) };
}

test('[PAGE-15] a reload whose last level names nobody is refused while an incident runs, and its chain reaches somebody', async () => {
  const told = await runServerScenario(world, {}, async ({ post, advanceMinutes, writeConfig }) => {
    await post('/webhooks/alertmanager', base(), SCENARIO_SENDER_TOKEN);
    writeConfig(serverScenarioYaml({ bo: '{ sms: "+4930123456" }' }));
    expect(await post('/api/v1/config/reload', {}, SCENARIO_ADMIN_TOKEN)).toMatchObject({
      status: 422,
      json: {
        detail: 'the new configuration is refused; the last good one is kept',
        problems: [{ at: 'teams.platform.escalation[1]', message: expect.stringMatching(/nobody who can be paged/) }],
      },
    });
    await advanceMinutes(16);
  });
  expect(told).toEqual([
    '00:00 chat: INCIDENT DECLARED: Down: It is down',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:08 page ana by webhook: repeat 1.1.2',
    '00:15 page bo by webhook: escalation 1.2.1',
  ]);
});

test('[PAGE-37] each end of the chain fails the monitor outside, with where to look; one that is down keeps nobody from being paged', async () => {
  const heard: unknown[] = [];
  let status = 200;
  const monitor = createServer((req, res) => {
    let body = '';
    req.on('data', (chunk: Buffer) => (body += chunk.toString()));
    req.on('end', () => {
      heard.push([`${req.method} ${req.url}`, JSON.parse(body)]);
      res.writeHead(status).end();
    });
  });
  await new Promise<void>((resolve) => monitor.listen(0, '127.0.0.1', resolve));
  const url = `http://127.0.0.1:${(monitor.address() as AddressInfo).port}/ping/1`;
  const real = configured(serverScenarioYaml().replace('lastResort: off', `lastResort: { heartbeat: "${url}" }`));
  const ledger = createLedger(DEFAULT_ROSTER, {});
  const inBoth: Chat['post'] = async (...post) => {
    await Promise.all([ledger.ports.chat.post(...post), real.ports.chat.post(...post)]);
  };
  const ports = { ...ledger.ports, chat: { ...ledger.ports.chat, post: inBoth } };
  let since = 0;
  await runScenario(
    world,
    { ports, declaration: { policy: aPolicy({ levels: [['onCall'], ['bo']] }) } },
    async (driver) => {
      const { advanceMinutes, view, workflowId } = driver;
      since = Date.parse((await view()).declaredAt);
      await advanceMinutes(29);
      expect(heard).toEqual([]);
      await advanceMinutes(2);
      const incident = `http://tocsin.test/incidents/${workflowId}`;
      expect(heard).toEqual([
        ['POST /ping/1/fail', { reason: expect.stringContaining('ESCALATION EXHAUSTED'), incident }],
      ]);
      status = 503;
      await advanceMinutes(15);
      expect(heard).toHaveLength(4);
    },
  );
  monitor.closeAllConnections();
  monitor.close();
  const paging = ledger.lines(since).filter((line) => !line.includes('The public has been told nothing: '));
  expect(paging).toEqual([
    '00:00 chat: INCIDENT DECLARED: Checkout fails',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:08 page ana by webhook: repeat 1.1.2',
    '00:15 page bo by webhook: escalation 1.2.1',
    '00:23 page bo by webhook: repeat 1.2.2',
    '00:30 chat: ⚠ ESCALATION EXHAUSTED: nobody has answered SEV2 "Checkout fails" after pass 1 through all levels. Starting again.',
    '00:30 chat: UPDATE [HH:MM]',
    '00:30 page ana by webhook: escalation 2.1.1',
    '00:30 page bo by webhook: escalation 2.2.1',
    '00:38 page ana by webhook: repeat 2.1.2',
    '00:38 page bo by webhook: repeat 2.2.2',
    '00:45 chat: ⚠ ESCALATION EXHAUSTED: nobody has answered SEV2 "Checkout fails" after pass 2 through all levels. Starting again.',
    '00:45 page ana by webhook: escalation 3.1.1',
    '00:45 page bo by webhook: escalation 3.2.1',
  ]);
});

const WORDS = `
organization: { name: Test House, timeZone: America/New_York }
publicUrl: http://tocsin.test
people: { ana: { contact: [terminal] } }
teams: { platform: { onCall: ana } }
routes: [{ team: platform }]
templates:
  declared: "{{severity}} {{title}} hits {{affected}}, next word by {{nextUpdate}}"
  acknowledged: "{{#ticket}}{{ticket}}{{/ticket}}"
  update: "News: {{text}}"
  publicInvestigating: "We look into {{component}}, more by {{nextUpdate}}."
`;

test('[COMM-19] the words of the configuration are said and recorded, times in the house’s zone; an empty or failing template leaves the message its own', async () => {
  expect(() => configured(WORDS.replace('{{component}}', '{{title}}'))).toThrow(/unknown placeholder {{title}}/);
  const { config, ports: real } = configured(WORDS);
  const ledger = createLedger(DEFAULT_ROSTER, {});
  const failed: string[] = [];
  const templates = new Map([...config.templates, ['update', '{{#text}}no end'] as const]);
  const wording = { ...real.textSettings, templates, warn: (template: string) => void failed.push(template) };
  const ports = { ...ledger.ports, textSettings: wording, timeZone: real.timeZone };
  const policy = policyFor(config, 'platform');
  if (policy === null) throw new Error('no such team');
  const inZone = (text: string): string => text.replaceAll(/\d\d:\d\d E[SD]T/g, 'HH:MM ET');
  let since = 0;
  await runScenario(world, { ports, declaration: { policy, title: 'Checkout {{severity}} fails' } }, async (driver) => {
    const { id: incidentId, declaredAt } = await driver.view();
    since = Date.parse(declaredAt);
    await driver.sendCommand({ type: 'acknowledge' });
    await driver.sendCommand({ type: 'postUpdate', text: 'the pool is full', audience: 'internal' });
    const recorded = [...(ledger.records.get(incidentId)?.messages.values() ?? [])].map(({ text }) => inZone(text));
    expect(recorded).toEqual([
      'SEV2 Checkout {{severity}} fails hits Checkout, next word by HH:MM ET',
      expect.stringMatching(/^ana has it and is incident commander\.[^]*Next update: HH:MM ET$/),
      'We look into Checkout, more by HH:MM ET.',
      expect.stringMatching(/^UPDATE \[HH:MM ET\][^]*the pool is full/),
    ]);
  });
  expect(new Set(failed)).toEqual(new Set(['update']));
  expect(ledger.lines(since).map(inZone)).toEqual([
    '00:00 chat: ana has it and is incident commander.',
    '00:00 chat: SEV2 Checkout {{severity}} fails hits Checkout, next word by HH:MM ET',
    '00:00 chat: UPDATE [HH:MM ET]',
    '00:00 page ana by webhook: on-call 1.1.1',
    '00:00 public Investigating: We look into Checkout, more by HH:MM ET.',
  ]);
});
