/** The draft of a post-mortem is good enough to hold the meeting with, and nobody can write markup into it. */
import type { TimelineEntryView } from '../../../domain/engine/view.ts';
import type { WholeRecord } from '../../../records/open-records.ts';
import { documentOf } from '../../../records/documents/documents.ts';
import { aDelivery, aMessage, aRecordedAlert, NOON } from '../record-builders.ts';
import { aRecord, at, HOSTILE, telling } from './record.ts';

const draftOf = (record: WholeRecord): string => documentOf('draft', record, telling);
/** What stands under a heading. */
function under(heading: string, record: WholeRecord): string {
  const [, text = ''] = draftOf(record).split(`\n${heading}\n\n`);
  return text.split(/\n\n#{2,3} /)[0] ?? '';
}
const line = (seq: number, kind: string, by: string | null, text: string): TimelineEntryView => {
  return { seq, at: at(seq), kind, by, text };
};

test('[REC-11] its sections come in the order of the template, with what the record adds between', () => {
  const headings = draftOf(aRecord())
    .split('\n')
    .filter((text) => text.startsWith('## '))
    .map((text) => text.slice(3));
  const template = ['Summary', 'Impact', 'Timeline', 'Root Cause', 'Resolution', 'Action Items', 'Lessons Learned'];
  expect(headings.filter((name) => template.includes(name))).toEqual(template);
  expect(headings).toEqual([
    ...['Summary', 'Impact', 'People', 'How long it took', 'Timeline', 'Alerts', 'Promises missed', 'Messages sent'],
    ...['Root Cause', 'Resolution', 'Action Items', 'Lessons Learned'],
  ]);
  expect(draftOf(aRecord())).toMatch(/^# Incident Post-Mortem: INC-2026-001 · Payments are down\n/);
});

test('the same record gives the same draft', () => {
  expect(draftOf(aRecord())).toBe(draftOf(aRecord()));
});

test('[REC-11] summary, people and facts', () => {
  const record = aRecord();
  expect(under('## Summary', record)).toBe(
    [
      '> no payment for 5 min',
      'SEV1 on Checkout, found by monitoring (alertmanager); Ana Ruiz had it after 2 min 00 s; mitigated after 1 h 00 min; over after 1 h 29 min.',
      '_To be filled in: what happened, in two sentences, for somebody who was not there_',
    ].join('\n\n'),
  );
  expect(under('## People', record)).toBe(
    [
      '| Who | Role | On the timeline | Paged |',
      '| --- | --- | --- | --- |',
      '| Ana Ruiz | Incident commander | 1 line | yes |',
      '| bo | Communications lead | 1 line |  |',
    ].join('\n'),
  );
  for (const fact of [
    '| Severity | SEV2, at worst SEV1 |',
    '| Incident commander | Ana Ruiz |',
    '| Team | platform |',
  ]) {
    expect(draftOf(record)).toContain(fact);
  }
});

test('[REC-11] the impact is what people said of it, and a gap where nobody did', () => {
  expect(under('## Impact', aRecord())).toBe(
    [
      '- Duration: 1 h 30 min (2026-11-21 13:00:00 CET to 2026-11-21 14:30:00 CET)',
      '- Users affected: _To be filled in: how many, and how they noticed_',
      '- Revenue impact: _To be filled in: an estimate will do_',
      '- Data loss: _To be filled in: was data lost, or wrong, and is it mended?_',
      '- Told to the public: 1 update, the first at 2026-11-21 13:00:00 CET',
    ].join('\n'),
  );
  const impact = { scope: 'all', usersAffected: 15_000, dataLoss: true, revenueLost: '$45000', summary: 'No checkout' };
  const known = under('## Impact', aRecord({ impact: { ...impact, scope: 'all' } }));
  expect(known).toContain('> No checkout\n\n- Duration');
  expect(known).toContain('- Users affected: 15,000, all users\n- Revenue impact: \\$45000\n- Data loss: **yes**');
  expect(under('## Impact', aRecord({ resolvedAt: null, detectedAt: null }))).toContain(
    '- Duration: since 2026-11-21 13:01:00 CET; it is not over',
  );
});

test('[REC-11] durations stand against what was promised', () => {
  const rows = under('## How long it took', aRecord({ postmortem: { ...NO_POSTMORTEM, dueAt: at(2970) } }));
  expect(rows.split('\n').slice(2)).toEqual([
    '| Began (first alert) | 2026-11-21 13:00:00 CET |  |  |  |',
    '| Declared | 2026-11-21 13:01:00 CET | 1 min 00 s to detect |  |  |',
    '| Acknowledged by Ana Ruiz | 2026-11-21 13:03:00 CET | 2 min 00 s after declaration | 2026-11-21 13:06:00 CET | in time |',
    '| First public entry | 2026-11-21 13:00:00 CET | 0 s after declaration | 2026-11-21 13:16:00 CET | in time |',
    '| Mitigation began | 2026-11-21 13:10:00 CET | 9 min 00 s after declaration |  |  |',
    '| Mitigated | 2026-11-21 14:01:00 CET | 1 h 00 min after declaration |  |  |',
    '| Resolved | 2026-11-21 14:30:00 CET | 1 h 29 min after declaration |  |  |',
    '| Post-mortem | never |  | 2026-11-23 14:30:00 CET |  |',
  ]);
});

const NO_POSTMORTEM = { dueAt: null, doneAt: null, doneBy: null, url: null };

test('whoever was only told, by notice or by stakeholder update, was not paged', () => {
  const stakeholderUpdate = { to: 'support', key: 'E1/stakeholder-update/4/support.webhook', at: at(2) };
  const notice = aDelivery('E1/notice/7/bo.webhook', { to: 'bo' });
  const deliveries = [
    aDelivery('E1/page/1.1.1/ana.webhook', { to: 'ana' }),
    notice,
    aDelivery(stakeholderUpdate.key, stakeholderUpdate),
  ];
  const people = under('## People', aRecord({ deliveries }));
  expect(people).not.toContain('support');
  expect(people).toMatch(/Ana Ruiz .*yes/);
  expect(people).not.toMatch(/Bo.*yes/);
  const failed = aRecord({
    deliveries: [aDelivery(stakeholderUpdate.key, { ...stakeholderUpdate, state: 'failed', reason: null })],
  });
  expect(under('## Promises missed', failed)).toContain('a message to support by webhook failed');
});

test('[REC-11] what was missed: late answers, nothing public, updates, the end of the chain, failed pages; in order', () => {
  const record = {
    ...aRecord({
      acknowledgedAt: at(9),
      deliveries: [aDelivery('k', { state: 'failed', to: 'ana', reason: 'HTTP 500', at: at(2) })],
    }),
    messages: [],
    timeline: [
      line(20, 'update-missed', null, 'No internal update came in time: a holding update went out'),
      line(21, 'note-added', 'bo', 'not this one'),
      line(30, 'escalation-exhausted', null, 'CHAIN EXHAUSTED'),
    ],
  };
  expect(under('## Promises missed', record).split('\n')).toEqual([
    '- 2026-11-21 13:02:00 CET: a page to Ana Ruiz by webhook failed (HTTP 500)',
    '- Acknowledged by Ana Ruiz: promised by 2026-11-21 13:06:00 CET, **missed by 3 min 00 s**',
    '- First public entry: promised by 2026-11-21 13:16:00 CET, **missed**',
    '- 2026-11-21 13:20:00 CET: No internal update came in time: a holding update went out',
    '- 2026-11-21 13:30:00 CET: CHAIN EXHAUSTED',
  ]);
  const items = under('## Action Items', record);
  for (const proposed of [
    'Find out why nobody answered in time',
    'Mend the ways to Ana Ruiz',
    'Make room for updates',
  ]) {
    expect(items).toContain(`- [ ] ${proposed}`);
  }
  expect(under('## Promises missed', aRecord())).toBe('_nothing that the record knows of_');
});

test('what recovered by itself owed nobody an answer, and one that goes on has missed nothing yet', () => {
  const nobody = { acknowledgedAt: null, acknowledgedBy: null };
  for (const over of [
    { ...nobody, outcome: 'auto-recovered' as const },
    { ...nobody, outcome: null, resolvedAt: null },
  ]) {
    expect(under('## Promises missed', { ...aRecord(over), messages: [] })).toBe('_nothing that the record knows of_');
  }
});

test('[REC-11] what was tried, the messages with their counts, the alerts with their links', () => {
  const links = { runbook: 'https://runbooks.example/pay', source: 'javascript:alert(1)' };
  const record = {
    ...aRecord({ alerts: [aRecordedAlert('f1', { links, endsAt: at(80) })], alertCount: 3 }),
    timeline: [
      line(10, 'mitigation-decided', 'ana', 'Decided: rollback'),
      line(11, 'note-added', 'ana', 'not this one'),
      line(60, 'mitigation-reported', 'bo', 'Mitigation worked'),
    ],
    messages: [
      aMessage(1),
      aMessage(2, { kind: 'public', at: NOON, text: 'a\nb | c' }),
      aMessage(3, { kind: 'stakeholder-update' }),
    ],
  };
  expect(under('### What was tried', record)).toContain(
    '| 2026-11-21 13:10:00 CET | Ana Ruiz | Decided: rollback |\n| 2026-11-21 14:00:00 CET | bo | Mitigation worked |\n\n_To be',
  );
  const messages = under('## Messages sent', record);
  expect(messages).toContain('1 to the team, 1 public, 0 notices, 1 mail.');
  expect(messages).toContain('| 2026-11-21 13:00:00 CET | the public | a b \\| c |');
  const alerts = under('## Alerts', record);
  expect(alerts).toContain('| runbook: https://runbooks.example/pay |');
  expect(alerts).toContain('_and 2 more, whose labels were not kept_');
  expect(draftOf(record)).not.toContain('javascript');
  expect(under('## Action Items', record)).toContain('- [ ] Update the runbook: https://runbooks.example/pay - ');
});

test('[REC-11] action items with owner and day, done or not; those that the record proposes; earlier incidents', () => {
  const item = { addedBy: 'ana', addedAt: at(95), doneAt: null, doneBy: null };
  const record = {
    ...aRecord({
      recurrenceOf: 'INC-2025-031',
      actionItems: [
        { ...item, id: 'A1', text: 'Add an index', owner: 'ana', due: '2026-12-01' },
        { ...item, id: 'A2', text: '[x] | # mine', owner: null, due: null },
        { ...item, id: 'A3', text: 'Tell others', owner: 'bo', due: null, doneAt: at(100), doneBy: 'bo' },
      ],
    }),
    earlier: [
      {
        ...{ reference: 'INC-2025-031', title: 'Payments | down', severity: 'SEV2' as const, resolution: 'Restarted' },
        ...{ declaredAt: at(-9000), resolvedAt: at(-8990) },
      },
    ],
  };
  const items = under('## Action Items', record).split('\n');
  expect(items.slice(0, 3)).toEqual([
    '- [ ] A1: Add an index - Ana Ruiz - 2026-12-01',
    '- [ ] A2: \\[x\\] \\| # mine - _Owner?_ - _Due?_',
    '- [x] A3: Tell others - bo - _Due?_ - done 2026-11-21 14:40:00 CET by bo',
  ]);
  expect(items).toContain('- [ ] Share what was learned with the other teams - _Owner?_ - _Due?_');
  expect(items).toContain('- [ ] Find out why INC-2025-031 did not prevent this - _Owner?_ - _Due?_');
  expect(under('### Earlier incidents', record)).toContain(
    'It is a recurrence of INC-2025-031.\n\n| Incident | Severity | Declared | What | Resolution |',
  );
  expect(under('### Earlier incidents', record)).toContain('| Payments \\| down | Restarted |');
});

test('what others wrote is text: no markup, no heading, no box to tick, no cell of its own', () => {
  const record = {
    ...aRecord({
      ...{ title: HOSTILE, summary: HOSTILE, service: HOSTILE, component: HOSTILE, ticket: HOSTILE, channel: HOSTILE },
      ...{ team: HOSTILE, source: HOSTILE, resolution: HOSTILE, recurrenceOf: HOSTILE, acknowledgedBy: HOSTILE },
      impact: { scope: null, usersAffected: null, dataLoss: null, revenueLost: HOSTILE, summary: HOSTILE },
      alerts: [
        aRecordedAlert(HOSTILE, {
          labels: { alertname: HOSTILE },
          links: { runbook: `https://x.example/${HOSTILE}`, source: HOSTILE },
        }),
      ],
      deliveries: [aDelivery('k', { to: HOSTILE, method: HOSTILE, state: 'failed', reason: HOSTILE })],
      actionItems: [
        {
          ...{ id: HOSTILE, text: HOSTILE, owner: HOSTILE, due: HOSTILE, addedBy: HOSTILE, addedAt: at(1) },
          ...{ doneAt: at(2), doneBy: HOSTILE },
        },
      ],
    }),
    timeline: [line(3, 'mitigation-decided', HOSTILE, HOSTILE), line(4, 'update-missed', null, HOSTILE)],
    messages: [aMessage(1, { text: HOSTILE, to: [HOSTILE] })],
    earlier: [
      {
        ...{ reference: HOSTILE, title: HOSTILE, severity: 'SEV2' as const, resolution: HOSTILE },
        ...{ declaredAt: at(1), resolvedAt: at(2) },
      },
    ],
  };
  for (const page of [documentOf('draft', record, telling), documentOf('markdown', record, telling)]) {
    expect(page).not.toMatch(/<(img|script)/);
    const boxes = page.split('\n').filter((text) => text.startsWith('- ['));
    expect(boxes.every((box) => /^- \[[ x]\] /.test(box))).toBe(true);
    expect(page.replaceAll(/^- \[[ x]\] /gm, '')).not.toMatch(/(?<!\\)\[/);
    expect(page).not.toMatch(/\u202e/);
    const headings = page.split('\n').filter((text) => /^[>\s-]*#/.test(text));
    expect(headings.filter((text) => !/^#{1,3} [A-Z]/.test(text))).toEqual([]);
    // Every row of a table has as many cells as its head.
    for (const rows of page.split('\n\n').filter((block) => block.startsWith('|'))) {
      const cells = rows
        .trimEnd()
        .split('\n')
        .map((row) => row.replaceAll('\\|', '').split('|').length);
      expect(new Set(cells).size).toBe(1);
    }
  }
});
