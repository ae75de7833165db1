/**
 * The four runbook documents, each played from its first step to its last with the command line: what a responder
 * says, through the real routes into real records. Their clocks and pages have their stories in test/scenarios.
 */
import { jest } from '@jest/globals';

import type { IncidentView, TimelineView } from '../../domain/engine/view.ts';
import { startInMemoryServer, type InMemoryServer } from '../support/in-memory-server.ts';
import { callCli, type CliResult } from './run-cli.ts';

jest.setTimeout(120_000);

let house: InMemoryServer;
beforeAll(async () => {
  house = await startInMemoryServer({ startsAt: '2026-11-23T14:15:00Z' });
});
afterAll(() => house.close());

/** Says a line, as a shell would take it apart; it must end with `code`. */
async function say(line: string, code = 0): Promise<CliResult> {
  const argv = [...line.matchAll(/"([^"]*)"|'([^']*)'|(\S+)/g)].map(([, one, two, three]) => one ?? two ?? three ?? '');
  const ran = await callCli(argv, { env: house.env });
  expect([line, ran.code, ran.code === code ? '' : ran.err]).toEqual([line, code, '']);
  return ran;
}

/** Says several lines, a minute after each other. */
async function sayAll(...lines: readonly string[]): Promise<void> {
  for (const line of lines) {
    await say(line);
    house.advanceMinutes(1);
  }
}

async function declare(line: string): Promise<string> {
  const { out } = await say(`declare ${line} --json`);
  const { reference } = JSON.parse(out) as IncidentView;
  expect(reference).toMatch(/^INC-2026-\d{3}$/);
  return reference ?? '';
}

async function shown(id: string): Promise<IncidentView & { checklist: Record<string, { done: boolean | null }[]> }> {
  return JSON.parse((await say(`show ${id} --json`)).out) as Awaited<ReturnType<typeof shown>>;
}

async function kinds(id: string): Promise<readonly string[]> {
  const { timeline } = JSON.parse((await say(`show ${id} --timeline --json`)).out) as TimelineView;
  return timeline.map(({ kind }) => kind);
}

test('[REC-6] incident response procedures: acknowledge, communicate, mitigate, resolve, learn', async () => {
  const id = await declare('--severity SEV2 --title "Half of all API calls fail" --service payments');
  await sayAll(
    `ack ${id} --as ana`,
    `severity ${id} SEV1 --reason "all of them by now" --as ana`,
    `update ${id} --status Investigating --impact "Checkout fails" --as ana`,
    `update ${id} --text "Bad deploy" --cause "1.8.3" --actions "rolling back" --next "check errors" --eta "15 min" --as ana`,
    `decide ${id} rollback --reason "recent deployment" --as ana`,
    `mitigation ${id} worked --text "errors are gone" --as bo`,
    `resolve ${id} --resolution "back to 1.8.2" --as ana`,
  );
  await house.recordEvent({ type: 'resolved' });
  await sayAll(
    `action add ${id} "Canary deploys" --owner bo --due 2026-12-24 --as ana`,
    `action add ${id} "Alert on error rate" --as ana`,
    `action done ${id} A2 --as bo`,
    `postmortem done ${id} --url https://wiki.example/pm/1 --as ana`,
  );
  const view = await shown(id);
  expect(view).toMatchObject({
    phase: 'resolved',
    severity: 'SEV1',
    decision: 'rollback',
    resolution: 'back to 1.8.2',
    roles: { ic: 'ana' },
    actionItems: [
      { id: 'A1', owner: 'bo', due: '2026-12-24', doneAt: null },
      { id: 'A2', doneBy: 'bo' },
    ],
    postmortem: { doneBy: 'ana', url: 'https://wiki.example/pm/1' },
  });
  expect((await say(`action list ${id}`)).out).toBe(
    '[ ] A1  Canary deploys  (bo, due 2026-12-24)\n[x] A2  Alert on error rate  (nobody, done by bo)\n',
  );
  await say(`close ${id} --as ana`);
  expect((await say(`move-policy ${id}`, 1)).err).toContain('possible now: note, action add, action done\n');
  expect((await say(`report ${id}`)).out).toContain('Half of all API calls fail');
});

test('[REC-6] the four phases: staff, stabilize, communicate, verify; a mitigation that fails is rolled back', async () => {
  const id = await declare('--severity SEV2 --title "A dependency fails"');
  await sayAll(
    `ack ${id} --as ana`,
    `assign ${id} communications-lead bo --as ana`,
    `assign ${id} technical-lead bo --as ana`,
    `decide ${id} fix-forward --tick minor --tick understood --tick faster --action failover --as ana`,
    `mitigation ${id} failed --text "the fallback is down as well" --as bo`,
    `decide ${id} rollback --as ana`,
    `update ${id} --text "Rolling back" --impact "a part of the users" --cause "the new client" --next "health" --as bo`,
    `mitigation ${id} worked --as bo`,
    `resolve ${id} --resolution "rolled back; errors and latency as before" --as ana`,
  );
  await house.recordEvent({ type: 'resolved' });
  const view = await shown(id);
  expect([view.declaredAt, view.mitigationStartedAt, view.mitigatedAt, view.resolvedAt]).toEqual([
    expect.any(String),
    expect.any(String),
    expect.any(String),
    expect.any(String),
  ]);
  expect(view.postmortem?.dueAt).toBe(new Date(Date.parse(view.resolvedAt ?? '') + 48 * 3_600_000).toISOString());
  expect((await kinds(id)).filter((kind) => kind.startsWith('mitigation'))).toEqual([
    ...['mitigation-decided', 'mitigation-reported', 'mitigation-decided', 'mitigation-reported'],
  ]);
});

test('[REC-6] an incident of a release: impact unknown, so rolled back; only an easy fix may go forward', async () => {
  const id = await declare('--severity SEV2 --title "Errors since the release"');
  await say(`ack ${id} --as ana`);
  expect((await say(`impact ${id} "some pages are slow" --as ana`)).out).toContain('cannot be determined, roll back');
  expect((await say(`decide ${id} fix-forward --tick minor --as ana`, 1)).err).toContain('or roll back');
  expect((await say(`impact ${id} "orders are lost" --scope subset --data-loss yes --as ana`)).out).toContain('SEV1');
  await sayAll(
    `decide ${id} rollback --as ana`,
    `mitigation ${id} failed --text "the migration cannot be undone" --as ana`,
    `escalate ${id} --to bo --reason "the rollback failed" --as ana`,
    `assign ${id} ic bo --as ana`,
    `mitigation ${id} worked --as bo`,
    `resolve ${id} --resolution "restored from the backup" --as bo`,
  );
  expect(await shown(id)).toMatchObject({
    phase: 'monitoring',
    roles: { ic: 'bo' },
    impact: { summary: 'orders are lost', scope: 'subset', dataLoss: true },
    peopleInvolved: expect.arrayContaining(['ana', 'bo']),
  });
  expect((await say(`export ${id}`)).out).toContain('orders are lost');
});

test("[REC-6] the incident runbook: command, the commander's checklist, the record afterwards", async () => {
  const id = await declare('--severity SEV1 --title "Payment processing down" --service payments');
  await sayAll(`ack --severity SEV1 --as ana`);
  await sayAll(
    ...['technical-lead', 'communications-lead', 'scribe'].map((role) => `assign ${id} ${role} bo --as ana`),
    `impact ${id} "All payment attempts fail" --scope all --users 15000 --revenue '$45000' --as ana`,
    `update ${id} --status Investigating --text "Payment processing is down" --actions "Database team" --as bo`,
    `note ${id} "Root cause identified" --as bo`,
    `decide ${id} fix-forward --tick minor --tick understood --tick faster --action "resize the pool" --as ana`,
    `resolve ${id} --resolution "Restarted database" --as ana`,
  );
  const before = (await shown(id)).checklist;
  expect(before['during']?.map(({ done }) => done)).toEqual([true, true, true, null, true, true, true]);
  expect(before['resolution']?.map(({ done }) => done)).toEqual([true, false, false, false, false, false]);
  await house.recordEvent({ type: 'resolved' });
  // It was resolved at once, so nobody has monitored it for half an hour.
  expect((await shown(id)).checklist['resolution']?.map(({ done }) => done)).toEqual([
    ...[true, false, true, true, true, true],
  ]);
  const text = (await say(`show ${id}`)).out;
  expect(text).toContain('impact        All payment attempts fail; all users; 15000 users affected; $45000');
  expect(text).toContain('[x] Make decisive calls on rollback vs fix');
  expect(text).toContain('[?] Keep focus on resolution, not blame');
  const yaml = (await say(`export ${id}`)).out;
  for (const words of [`id: ${id}`, 'users_affected: 15000', 'Root cause identified']) expect(yaml).toContain(words);
  expect((await say(`postmortem ${id} --out -`)).out).toContain('Payment processing down');
});
