/**
 * Everything an incident speaks to, as real servers: a chat, a mail server, a public page, tickets, an outside
 * escalation, a webhook, and Postgres for the records; and the ports that the product itself makes of a configuration.
 */
import { ALL_SEARCH_ATTRIBUTES } from '../../workflows/contract.ts';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import type { Ports } from '../../activities/ports.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load.ts';
import { Vendors } from '../../providers/vendors.ts';
import { openRecords } from '../../records/open-records.ts';
import type { Records } from '../../records/open-records.ts';
import { createPorts } from '../../worker/reloadable-activities.ts';
import { startFaultInjectionProxy } from '../providers/fault-injection-proxy.ts';
import type { FaultInjectionProxy } from '../providers/fault-injection-proxy.ts';
import { startCuttingRelay } from './cutting-relay.ts';
import type { CuttingRelay } from './cutting-relay.ts';
import { startFakePagerduty } from './fake-pagerduty.ts';
import type { FakePagerduty } from './fake-pagerduty.ts';
import { startFakeSlack } from './fake-slack.ts';
import type { FakeSlack } from './fake-slack.ts';
import { startFakeStatuspage } from './fake-statuspage.ts';
import type { FakeStatuspage } from './fake-statuspage.ts';
import { startMailbox } from './mailbox.ts';
import type { Mailbox } from './mailbox.ts';
import { startPostgres } from './postgres.ts';
import type { TestPostgres } from './postgres.ts';
import { startPageSink } from './page-sink.ts';
import type { PageSink } from './page-sink.ts';

export interface FakeVendors {
  readonly slack: FakeSlack;
  readonly mail: Mailbox;
  readonly statuspage: FakeStatuspage;
  /** In front of the public page. */
  readonly statuspageProxy: FaultInjectionProxy;
  readonly pagerduty: FakePagerduty;
  readonly sink: PageSink;
  readonly postgres: TestPostgres;
  readonly databaseRelay: CuttingRelay;
  readonly records: Records;
  readonly yaml: string;
  /** Signs the links. */
  readonly secret: string;
  readonly config: Config;
  readonly ports: Ports;
  /** The ticket files, by name. */
  tickets(): ReadonlyMap<string, string>;
  /** What no vendor expected: nothing, in a test that has passed. */
  unexpected(): readonly string[];
  close(): Promise<void>;
}

const KEY = 'statuspage-key-0123456789';
const PAGE = 'abcdefgh';
const SECRET = 'test-secret';
const ROUTING_KEY = 'R0123456789abcdef0123456789abcde';

export interface FakeVendorsOptions {
  /** Who has a webhook, `ana` unless said. */
  readonly people?: readonly string[];
  /** The configuration; Ana and Bo of one team unless said. */
  readonly yaml?: (addresses: FakeVendorAddresses) => string;
}

export async function startFakeVendors({
  people = ['ana'],
  yaml = defaultYaml,
}: FakeVendorsOptions = {}): Promise<FakeVendors> {
  const home = mkdtempSync(join(tmpdir(), 'tocsin-voices-'));
  const [slack, mail, statuspage, pagerduty, sink, postgres] = await Promise.all([
    startFakeSlack({ channels: [{ name: 'releases' }, { name: 'platform' }], members: ['U0ANA0001', 'U0B00001'] }),
    startMailbox(),
    startFakeStatuspage({ pageId: PAGE, key: KEY }),
    startFakePagerduty([ROUTING_KEY]),
    startPageSink(people),
    startPostgres(),
  ]);
  statuspage.components.set('c1', 'operational');
  const statuspageProxy = await startFaultInjectionProxy(statuspage.url, () => true);
  const databaseRelay = await startCuttingRelay(Number(new URL(postgres.url).port));
  const database = new URL(await postgres.database());
  database.port = String(databaseRelay.port);
  const file = join(home, 'tocsin.yaml');
  const addresses = { slack, mail, statuspage: statuspageProxy.url, pagerduty: pagerduty.url, sink: sink.url };
  const text = yaml(addresses) + vendorsYaml(addresses);
  writeFileSync(file, text);
  const config = loadConfig({ env: { TOCSIN_CONFIG: file } });
  const log = pino({ level: 'silent' });
  const records = openRecords({
    databaseUrl: database.href,
    archiveDirectory: join(home, 'records'),
    exportDirectory: join(home, 'exports'),
    timeZone: config.timeZone,
    log,
  });
  await records.ready();
  const vendors = new Vendors(config.vendors);
  const ports = createPorts({
    config,
    records,
    secret: SECRET,
    home,
    vendors,
    log,
    searchAttributes: () => ({ searchable: true, searchAttributes: ALL_SEARCH_ATTRIBUTES }),
    pageMetrics: { tried: () => undefined },
  });
  return {
    ...{ slack, mail, statuspage, statuspageProxy, pagerduty, sink, postgres, databaseRelay, records, config, ports },
    yaml: text,
    secret: SECRET,
    tickets: () => {
      const directory = join(home, 'tickets');
      if (!existsSync(directory)) return new Map();
      return new Map(readdirSync(directory).map((name) => [name, readFileSync(join(directory, name), 'utf8')]));
    },
    unexpected: () => [slack, mail, statuspage, pagerduty, sink].flatMap(({ unexpected }) => unexpected),
    close: async () => {
      vendors.close();
      await records.close();
      await Promise.all(
        [slack, mail, statuspage, statuspageProxy, pagerduty, sink, databaseRelay].map((one) => one.close()),
      );
      await postgres.stop();
      rmSync(home, { recursive: true, force: true });
    },
  };
}

export interface FakeVendorAddresses {
  readonly slack: FakeSlack;
  readonly mail: Mailbox;
  readonly statuspage: string;
  readonly pagerduty: string;
  readonly sink: string;
}

function defaultYaml({ sink }: FakeVendorAddresses): string {
  return `
organization: { name: Test House, releasesChannel: releases }
publicUrl: http://127.0.0.1:1
people:
  ana: { name: Ana Ruiz, contact: [{ webhook: "${sink}/ana" }, { slack: U0ANA0001 }, { pagerduty: platform }] }
  bo: { name: Bo Lind, contact: [{ email: bo@example.com }] }
teams:
  platform: { onCall: ana, escalation: [onCall, bo], leadership: [bo], channel: platform }
services:
  payments: { team: platform, component: Checkout }
routes:
  - team: platform
`;
}

/** What follows the people, teams and routes: where each vendor is. */
const vendorsYaml = ({ slack, mail, statuspage, pagerduty }: FakeVendorAddresses): string => `
chat: { slack: { botToken: "${slack.token}", apiUrl: "${slack.url}" } }
statusPage: { builtin: true, statuspage: { pageId: ${PAGE}, apiKey: ${KEY}, apiUrl: "${statuspage}", components: { Checkout: c1 } } }
mail: { smtp: "${mail.url}", from: incidents@example.com }
pagerduty: { services: { platform: { routingKey: ${ROUTING_KEY} } }, apiUrl: "${pagerduty}" }
`;
