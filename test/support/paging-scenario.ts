/**
 * Stories about paging: as `story`, and after each of them every page that went out, or was tried, is held against the
 * promise about keys.
 */
import { expect } from '@jest/globals';
import type { Page } from '../../activities/ports.ts';
import type { Roster } from './ledger.ts';
import type { ScenarioSettings, ScenarioDriver, World } from './scenario.ts';
import { runScenario } from './scenario.ts';

export const DECLARED = '00:00 chat: INCIDENT DECLARED: Checkout fails';
export const UPDATE = 'chat: UPDATE [HH:MM]';
export const PUBLIC = 'public Investigating: We are investigating a problem with Checkout.';

/** The loud line at the end of a pass. */
export function escalationExhaustedPost(severity: string, cycleInRun: number, then = 'Starting again.'): string {
  return `chat: ⚠ ESCALATION EXHAUSTED: nobody has answered ${severity} "Checkout fails" after pass ${cycleInRun} through all levels. ${then}`;
}

/** Plays a story that an alert of the opening's severity begins. */
export async function runPagingScenario(
  world: World,
  setting: ScenarioSettings,
  runSteps: (driver: ScenarioDriver) => Promise<void>,
): Promise<string[]> {
  const { severity = 'SEV2', declaredBy } = setting.declaration ?? {};
  const firstAlerts = setting.firstAlerts ?? (declaredBy ? [] : [{ severity }]);
  const lines = await runScenario(world, { ...setting, firstAlerts }, async (driver) => {
    await runSteps(driver);
    expectKeysUnique(driver.ledger.pages);
    expectKeysConsistent(driver.ledger.tried);
  });
  // That nothing is public is no page; update-schedules.test.ts tells it.
  return lines.filter((line) => !line.includes('The public has been told nothing: '));
}

/** What a key is made of; the method is its last word. */
function tupleOf({ key, incident, kind, cycle, level, attempt, to }: Page): string {
  const method = key.slice(key.lastIndexOf('.') + 1);
  return [incident.id, kind === 'notification' ? key : 'page', cycle, level, attempt, to, method].join(' ');
}

function expectKeysUnique(pages: readonly Page[]): void {
  const keys = pages.map(({ key }) => key);
  expect(keys).toEqual([...new Set(keys)]);
}

/** No two keys for one tuple, no tuple under two keys, however often it was tried. */
function expectKeysConsistent(pages: readonly Page[]): void {
  const pairs = new Set(pages.map((page) => `${page.key} = ${tupleOf(page)}`));
  expect(new Set(pages.map(({ key }) => key)).size).toBe(pairs.size);
  expect(new Set(pages.map(tupleOf)).size).toBe(pairs.size);
}

/** The usual crew with other methods for some, and other people on call. */
export function rosterOf(
  people: Readonly<Record<string, readonly string[]>>,
  onCall: readonly string[] = ['ana'],
): Roster {
  const one = ['webhook'];
  return { people: { ana: one, bo: one, eve: one, lea: one, hal: one, ...people }, onCall };
}

/** The command is refused, with `why`. */
export async function expectRefused(command: Promise<unknown>, why: string): Promise<void> {
  await expect(command).rejects.toMatchObject({ cause: { message: expect.stringContaining(why) } });
}

/** `act` at each of the minutes, as the ledger writes it. */
export function ledgerAt(minutes: readonly number[], act: string): string[] {
  return minutes.map((minute) => `${hhmm(minute)} ${act}`);
}

/** `person` paged by `method` at each minute; attempts count on from `attempt`. */
export function repeatedPages(
  minutes: readonly number[],
  {
    of,
    reason = 'repeat',
    at: [cycle, level, attempt],
  }: { of: string; reason?: string; at: readonly [number, number, number] },
): string[] {
  return minutes.map((minute, i) => `${hhmm(minute)} page ${of}: ${reason} ${cycle}.${level}.${attempt + i}`);
}

/** A summary goes with command: its words are shown in test/domain, here it is one act. */
export function shortenSummaries(lines: readonly string[]): string[] {
  return lines.map((line) => line.replace(/(notice \w+: You are incident commander) of [\s\S]*$/, '$1.'));
}

/** The acts of a story in the ledger's order. */
export function sortedLedger(...parts: readonly (readonly string[])[]): string[] {
  return parts.flat().sort((a, b) => a.localeCompare(b));
}

function hhmm(minute: number): string {
  return `${String(Math.floor(minute / 60)).padStart(2, '0')}:${String(minute % 60).padStart(2, '0')}`;
}
