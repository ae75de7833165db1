/** When the records are asked which run holds the alerts of a group. */
import type { KnownAlertOwner } from '../../../records/records.ts';
import { AlertOwners } from '../../../webhook-server/ingest/alert-owners.ts';
import { routed } from '../support/routed-alerts.ts';

const MINUTE = 60_000;
const OLD: KnownAlertOwner = {
  source: 'alertmanager',
  fingerprint: 'old',
  workflowId: 'inc-old',
  messageGroups: ['g'],
};

function aServer({ all = () => [OLD] }: { readonly all?: () => readonly KnownAlertOwner[] } = {}) {
  const asked: string[] = [];
  const server = { alone: true, clock: 0, asked };
  const owners = new AlertOwners({
    find: async ({ messageGroup }) => {
      asked.push(messageGroup ?? 'alerts');
      return [];
    },
    findAll: async () => {
      asked.push('everything');
      return all();
    },
    isAlone: () => server.alone,
    now: () => server.clock,
  });
  /** A whole message of the group that lists nothing. */
  const empty = (messageGroup: string) => owners.runsWithAbsent({ ...routed('inc-any', []), messageGroup, listed: [] });
  return Object.assign(server, { empty });
}

test('a server that is alone reads everything once, and then knows every group without asking', async () => {
  const server = aServer();
  server.clock = MINUTE;
  expect(await server.empty('g')).toEqual(['inc-old']);
  expect(await server.empty('new')).toEqual([]);
  expect(server.asked).toEqual(['everything']);
});

test('what the server before it delivered may not be in the records yet: until then each new group is asked about', async () => {
  const server = aServer();
  await server.empty('g');
  await server.empty('other');
  expect(server.asked).toEqual(['g', 'other']);
});

test('beside another server it asks each time, and afterwards it reads everything again', async () => {
  const server = aServer();
  server.clock = MINUTE;
  await server.empty('g');
  server.alone = false;
  await server.empty('g');
  await server.empty('g');
  server.alone = true;
  await server.empty('new');
  server.clock = 2 * MINUTE;
  await server.empty('newer');
  expect(server.asked).toEqual(['everything', 'g', 'g', 'new', 'everything']);
});

test('with the records away, or with more alerts than it reads at once, it asks about each group', async () => {
  const away = aServer({
    all: () => {
      throw new Error('the records are away');
    },
  });
  const full = aServer({
    all: () => Array.from({ length: 5_000 }, (_, n) => ({ ...OLD, fingerprint: `f${n}`, messageGroups: [] })),
  });
  for (const server of [away, full]) {
    server.clock = MINUTE;
    await server.empty('g');
    await server.empty('h');
    expect(server.asked).toEqual(['everything', 'g', 'h']);
  }
});
