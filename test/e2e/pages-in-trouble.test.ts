/** What people see in a browser while Temporal, its workers or the records are away. */
import { afterAll, afterEach, beforeAll, test } from '@jest/globals';
import type { Browser } from 'playwright-core';
import { ulid } from 'ulid';
import type { PublicIncident } from '../../records/records.ts';
import { RecordsDown } from '../../records/open-records.ts';
import { IncidentsUnavailable } from '../../webhook-server/incidents/incident-queries.ts';
import { expectReadable, openBrowser, visit } from '../support/browser.ts';
import { areInstalled } from '../support/if-installed.ts';
import {
  startTestHttpServer,
  viewOf,
  type TestHttpServer,
  type TestHttpServerOptions,
} from '../webhook-server/support/test-http-server.ts';
import { unavailableRecords } from '../webhook-server/support/test-records.ts';

const installed = areInstalled(['chromium']);
const inBrowser = installed ? test : test.skip;

const ID = ulid();
const LINK = { workflowId: 'inc-platform-1', incidentId: ID, person: 'ana', cycle: 1 };
const SPOOLED = { incidentIds: [ID], title: 'PostgresqlDown', severity: 'SEV1' } as const;
const away = (): Promise<never> => Promise.reject(new IncidentsUnavailable('Temporal is away'));

let browser: Browser;
let server: TestHttpServer;
beforeAll(async () => {
  if (installed) browser = await openBrowser();
});
afterAll(async () => {
  if (installed) await browser.close();
});
afterEach(async () => {
  if (installed) await server.close();
});

const start = async (options: TestHttpServerOptions): Promise<void> => {
  server = await startTestHttpServer(options);
};
const acknowledgeLink = (): string => `${server.url}/ack/${server.signer.sign(LINK)}`;
const expectPage = (url: string, status: number, words: readonly (string | RegExp)[]): Promise<void> =>
  expectReadable(browser, url, { status, words });

inBrowser('Temporal is away: the page can be acknowledged all the same, and says that it counts later', async () => {
  await start({ gateway: { show: away, pendingGroup: () => SPOOLED, command: () => Promise.resolve('pending') } });
  await expectPage(acknowledgeLink(), 200, ['PostgresqlDown', 'SEV1']);
  await visit(browser, { url: acknowledgeLink(), javaScriptEnabled: false }, async (page) => {
    await page.click('button');
    expect(await page.innerText('body')).toMatch(/as soon as Temporal/);
  });
});

inBrowser('nobody can tell what the incident is: the page says so, and can be acknowledged', async () => {
  await start({ gateway: { show: away } });
  await expectPage(acknowledgeLink(), 200, ['cannot be shown', 'acknowledge']);
});

inBrowser('the incident waits in the spool, or what is shown of it is old: its page says so', async () => {
  await start({ gateway: { show: away, timeline: away, running: away, pendingGroup: () => SPOOLED } });
  const link = (): string => `${server.url}/incidents/inc-platform-1?link=${server.signer.signIncident(ID)}`;
  await expectPage(link(), 200, ['PostgresqlDown', 'Temporal']);
  await server.close();
  const view = viewOf({
    id: ID,
    title: 'Checkout fails',
    summary: '',
    phase: 'investigating',
    reference: 'INC-2026-001',
  });
  const state = { temporal: 'down', spool: 'writable', spooled: 0, storms: 0 } as const;
  const running = { incidents: [view], isComplete: true };
  await start({
    gateway: {
      show: () => Promise.resolve(view),
      running: () => Promise.resolve(running),
      timeline: () => Promise.resolve({ timeline: [], cut: 0 }),
      state: () => Promise.resolve(state),
    },
  });
  await expectPage(link(), 200, ['Checkout fails', 'Temporal cannot be reached']);
});

inBrowser('the records are away: the public page says that nothing is known, or as of when it is', async () => {
  let [isDown, now] = [true, Date.now()];
  const incident: PublicIncident = {
    ...{ incidentId: '01J', startedAt: now, updatedAt: now },
    component: 'Checkout',
    state: 'Investigating',
    impact: 'major',
    nextUpdateAt: now + 600_000,
    updates: [{ n: 1, at: now, state: 'Investigating', text: 'We are investigating a problem with Checkout.' }],
  };
  const publicPage = (): Promise<PublicIncident[]> =>
    isDown ? Promise.reject(new RecordsDown('away')) : Promise.resolve([incident]);
  await start({ records: { ...unavailableRecords(), publicPage }, now: () => now });
  await expectPage(`${server.url}/status`, 503, ['cannot be shown']);
  isDown = false;
  now += 10_000;
  await expectPage(`${server.url}/status`, 200, ['Checkout', 'Investigating']);
  isDown = true;
  now += 10_000;
  await expectPage(`${server.url}/status`, 200, ['cannot be brought up to date', 'Investigating']);
});
