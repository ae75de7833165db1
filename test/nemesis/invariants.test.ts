/** The checks of the nemesis find what they are for: a history in which each promise is kept, then broken one by one. */
import { expect, test } from '@jest/globals';
import type { Page } from '../../activities/ports.ts';
import { checkInvariants, deliveredKey, type Findings } from './invariants.ts';
import { planFaults } from './faults.ts';
import type { AcceptedAlert, AnsweredCommand, Journal } from './journal.ts';
import { createRandom } from './seeded-random.ts';

const alert = (over: Partial<AcceptedAlert> = {}): AcceptedAlert => ({
  ...{ group: 'g1', severity: 'high', fingerprint: 'f1', startsAt: 1, status: 'firing', at: 2 },
  workflowIds: ['inc-1'],
  ...over,
});
const note = (over: Partial<AnsweredCommand> = {}): AnsweredCommand => ({
  ...{ at: 3, workflowId: 'inc-1', command: 'add-note', text: 'note 1', status: 200, isExplained: true },
  ...over,
});
const page = (over: Partial<Page> = {}): Page =>
  ({
    ...{ key: 'E1/page/1.1.1/ana.webhook', kind: 'page', reason: 'on-call', to: 'ana', level: 1, cycle: 1, attempt: 1 },
    incident: { id: 'E1', workflowId: 'inc-1' },
    ...over,
  }) as Page;

interface History {
  readonly journal: Journal;
  readonly findings: Findings;
}

const good = (): History => ({
  journal: { accepted: [alert()], commands: [note()], answers: new Map([[202, 1]]) },
  findings: {
    delivered: new Set([deliveredKey('f1', 1)]),
    timelines: [
      {
        incidentId: 'E1',
        lines: [
          { seq: 1, kind: 'declared', text: 'Declared' },
          { seq: 2, kind: 'note-added', text: 'note 1' },
        ],
      },
    ],
    pages: [page()],
    unexpected: [],
  },
});

const broken = ({ journal, findings }: History): string[] =>
  checkInvariants(journal, findings).flatMap(({ what, violations: lines }) => (lines.length > 0 ? [what] : []));

test('a history in which everything was kept breaks nothing', () => expect(broken(good())).toEqual([]));

const CASES: readonly (readonly [string, string, (history: History) => History])[] = [
  [
    'an accepted alert reached no workflow',
    'every 202 is an incident or in one',
    ({ journal, findings }) => ({ journal, findings: { ...findings, delivered: new Set() } }),
  ],
  [
    'it reached another start only',
    'every 202 is an incident or in one',
    ({ journal, findings }) => ({
      journal,
      findings: { ...findings, delivered: new Set([deliveredKey('f1', 7)]) },
    }),
  ],
  [
    'an incident that pages paged nobody, and nobody had taken it',
    'every incident that pages has paged somebody',
    ({ journal, findings }) => ({
      journal: { ...journal, commands: [] },
      findings: { ...findings, pages: [], timelines: [] },
    }),
  ],
  [
    'one page under two keys',
    'no page under two keys',
    ({ journal, findings }) => ({
      journal,
      findings: { ...findings, pages: [page(), page({ key: 'E1/page/other/ana.webhook' })] },
    }),
  ],
  [
    'an accepted note is lost',
    'every accepted note is on record, once; no refused one is',
    ({ journal, findings }) => ({ journal, findings: { ...findings, timelines: [] } }),
  ],
  [
    'a refused note is on record',
    'every accepted note is on record, once; no refused one is',
    ({ journal, findings }) => ({ journal: { ...journal, commands: [note({ status: 409 })] }, findings }),
  ],
  [
    'a note is there twice',
    'every accepted note is on record, once; no refused one is',
    ({ journal, findings }) => ({
      journal,
      findings: { ...findings, timelines: [...findings.timelines, ...findings.timelines] },
    }),
  ],
  [
    'a refusal says nothing',
    'no refusal is silent',
    ({ journal, findings }) => ({
      journal: { ...journal, commands: [note(), note({ text: null, status: 503, isExplained: false })] },
      findings,
    }),
  ],
  [
    'a line is missing',
    'every timeline is whole',
    ({ journal, findings }) => ({
      journal,
      findings: {
        ...findings,
        timelines: [{ incidentId: 'E1', lines: [{ seq: 2, kind: 'note-added', text: 'note 1' }] }],
      },
    }),
  ],
];

test.each(CASES)('%s', (_, what, spoil) => expect(broken(spoil(good()))).toEqual([what]));

test('an alert whose end was reported as well need not be told; one that is only in doubt may be', () => {
  const { journal, findings } = good();
  const accepted = [...journal.accepted, alert({ status: 'resolved' })];
  expect(broken({ journal: { ...journal, accepted }, findings: { ...findings, delivered: new Set() } })).toEqual([]);
  const unknown = { ...journal, commands: [note({ status: 0 })] };
  expect(broken({ journal: unknown, findings: { ...findings, timelines: [] } })).toEqual([]);
});

test('the same seed plans the same faults, within the time there is', () => {
  const plan = (seed: number) => planFaults(createRandom(seed, 'faults'), 180_000);
  expect(plan(42)).toEqual(plan(42));
  expect(plan(42)).not.toEqual(plan(43));
  expect(plan(42).length).toBeGreaterThan(8);
  expect(Math.max(...plan(42).map(({ at, forMs }) => at + forMs))).toBeLessThanOrEqual(180_000);
});
