/** The draft of a post-mortem, by the built-in template or the organization's own. Nobody can inject markup into it. */
import type { TimelineEntryView } from '../../../domain/engine/view.ts';
import type { WholeRecord } from '../../../records/open-records.ts';
import { allTemplates } from '../../../domain/communications/templates.ts';
import { documentOf } from '../../../records/documents/documents.ts';
import { aDelivery, aMessage, aRecordedAlert, NOON } from '../record-builders.ts';
import { aRecord, at, HOSTILE, format } from './record-example.ts';

const draftOf = (record: WholeRecord): string => documentOf('draft', record, format);
/** What stands under a heading. */
function under(heading: string, record: WholeRecord): string {
  const [, text = ''] = draftOf(record).split(`\n${heading}\n\n`);
  return text.split(/\n\n#{2,3} /)[0] ?? '';
}
const line = (seq: number, kind: string, by: string | null, text: string): TimelineEntryView => {
  return { seq, at: at(seq), kind, by, text };
};

test('[REC-11] its sections are those of the template, with what the record adds in an appendix', () => {
  const headings = draftOf(aRecord())
    .split('\n')
    .filter((text) => text.startsWith('## '))
    .map((text) => text.slice(3));
  const template = ['Summary', 'Impact', 'Timeline', 'Root Cause', 'Resolution', 'Action Items', 'Lessons Learned'];
  expect(headings.filter((name) => template.includes(name))).toEqual(template);
  expect(headings).toEqual([...template, 'Appendix: from the record']);
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
      'SEV1 on Checkout, detected by monitoring alert (alertmanager); acknowledged by Ana Ruiz after 2 min; mitigated after 1 h; resolved after 1 h 29 min.',
      '_To be filled in: what happened, in two sentences, for somebody who was not there_',
    ].join('\n\n'),
  );
  expect(under('### People', record)).toBe(
    [
      '| Who | Role | On the timeline | Paged |',
      '| --- | --- | --- | --- |',
      '| Ana Ruiz | Incident commander | 1 entry | yes |',
      '| bo | Communications lead | 1 entry |  |',
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

test.each([
  ['a false alarm', { outcome: 'false-alarm' }, 'closed as a false alarm after 3 min.'],
  ['merged', { outcome: 'merged', mergedInto: 'INC-2026-007' }, 'merged into INC-2026-007 after 3 min.'],
  ['still open', { outcome: null, closedAt: null }, 'not over yet.'],
] as const)('[REC-11] the summary of one that was never resolved says how it stands: %s', (_, over, end) => {
  const record = aRecord({ phase: 'closed', mitigatedAt: null, resolvedAt: null, closedAt: at(4), ...over });
  expect(under('## Summary', record)).toContain(`acknowledged by Ana Ruiz after 2 min; ${end}`);
  expect(under('## Impact', record).includes('not over yet')).toBe(over.outcome === null);
});

test('[REC-11] the impact is what people said about it, with gaps where nobody did', () => {
  expect(under('## Impact', aRecord())).toBe(
    [
      '- Duration: 1 h 30 min (2026-11-21 13:00:00 CET to 2026-11-21 14:30:00 CET)',
      '- Users affected: _To be filled in: how many, and how they noticed_',
      '- Revenue impact: _To be filled in: an estimate will do_',
      '- Data loss: _To be filled in: was any data lost or wrong, and has it been repaired?_',
      '- Public updates: 1, the first at 2026-11-21 13:00:00 CET',
    ].join('\n'),
  );
  const impact = { scope: 'all', usersAffected: 15_000, dataLoss: true, revenueLost: '$45000', summary: 'No checkout' };
  const known = under('## Impact', aRecord({ impact: { ...impact, scope: 'all' } }));
  expect(known).toContain('> No checkout\n\n- Duration');
  expect(known).toContain('- Users affected: 15,000, all users\n- Revenue impact: \\$45000\n- Data loss: **yes**');
  expect(under('## Impact', aRecord({ resolvedAt: null, detectedAt: null }))).toContain(
    '- Duration: since 2026-11-21 13:01:00 CET; not over yet',
  );
});

test('[REC-11] the root cause is what people said it was, and when; a gap where nobody did', () => {
  expect(under('## Root Cause', aRecord())).toBe(
    [
      '> A full disk',
      'Identified by Ana Ruiz at 2026-11-21 13:30:00 CET, 29 min after declaration.',
      '_To be filled in: what made that possible_',
    ].join('\n\n'),
  );
  expect(under('## Root Cause', aRecord({ cause: null }))).toBe(
    '_To be filled in: what caused it, and what made that possible_',
  );
  expect(documentOf('markdown', aRecord(), format)).toContain('## Root cause\n\n> A full disk\n\nIdentified by Ana');
});

test('[REC-11] each step shows how long it took and whether its target was met', () => {
  const rows = under('### How long it took', aRecord({ postmortem: { ...NO_POSTMORTEM, dueAt: at(2970) } }));
  expect(rows.split('\n').slice(2)).toEqual([
    '| Began (first alert) | 2026-11-21 13:00:00 CET |  |  |  |',
    '| Declared | 2026-11-21 13:01:00 CET | 1 min to detect |  |  |',
    '| Acknowledged by Ana Ruiz | 2026-11-21 13:03:00 CET | 2 min after declaration | 2026-11-21 13:06:00 CET | in time |',
    '| First public update | 2026-11-21 13:00:00 CET | 0 s after declaration | 2026-11-21 13:16:00 CET | in time |',
    '| Root cause identified | 2026-11-21 13:30:00 CET | 29 min after declaration |  |  |',
    '| Mitigation began | 2026-11-21 13:10:00 CET | 9 min after declaration |  |  |',
    '| Mitigated | 2026-11-21 14:01:00 CET | 1 h after declaration |  |  |',
    '| Resolved | 2026-11-21 14:30:00 CET | 1 h 29 min after declaration |  |  |',
    '| Post-mortem | never |  | 2026-11-23 14:30:00 CET |  |',
  ]);
});

const NO_POSTMORTEM = { dueAt: null, doneAt: null, doneBy: null, url: null };

test('people who only got a notice or a stakeholder update do not count as paged', () => {
  const stakeholderUpdate = { to: 'support', key: 'E1/stakeholder-update/4/support.webhook', at: at(2) };
  const notice = aDelivery('E1/notice/7/bo.webhook', { to: 'bo' });
  const deliveries = [
    aDelivery('E1/page/1.1.1/ana.webhook', { to: 'ana' }),
    notice,
    aDelivery(stakeholderUpdate.key, stakeholderUpdate),
  ];
  const people = under('### People', aRecord({ deliveries }));
  expect(people).not.toContain('support');
  expect(people).toMatch(/Ana Ruiz .*yes/);
  expect(people).not.toMatch(/Bo.*yes/);
  const failed = aRecord({
    deliveries: [aDelivery(stakeholderUpdate.key, { ...stakeholderUpdate, state: 'failed', reason: null })],
  });
  expect(under('### Missed targets', failed)).toContain('a message to support by webhook failed');
});

test('[REC-11] missed targets: late acknowledgement, no public update, overdue updates, exhausted escalation, failed pages; oldest first', () => {
  const record = {
    ...aRecord({
      acknowledgedAt: at(9),
      deliveries: [aDelivery('k', { state: 'failed', to: 'ana', reason: 'HTTP 500', at: at(2) })],
    }),
    messages: [],
    timeline: [
      line(20, 'update-missed', null, 'No internal update came in time: a holding update went out'),
      line(21, 'note-added', 'bo', 'not this one'),
      line(30, 'escalation-exhausted', null, 'ESCALATION EXHAUSTED'),
    ],
  };
  expect(under('### Missed targets', record).split('\n')).toEqual([
    '- 2026-11-21 13:02:00 CET: a page to Ana Ruiz by webhook failed (HTTP 500)',
    '- Acknowledged by Ana Ruiz: due 2026-11-21 13:06:00 CET, **missed by 3 min**',
    '- First public update: due 2026-11-21 13:16:00 CET, **missed**',
    '- 2026-11-21 13:20:00 CET: No internal update came in time: a holding update went out',
    '- 2026-11-21 13:30:00 CET: ESCALATION EXHAUSTED',
  ]);
  const items = under('## Action Items', record);
  for (const proposed of [
    'Find out why nobody answered in time',
    'Fix the contact methods of Ana Ruiz',
    'Decide who posts updates',
  ]) {
    expect(items).toContain(`- [ ] ${proposed}`);
  }
  expect(under('### Missed targets', aRecord())).toBe('_nothing that the record knows of_');
});

test('an incident that recovered by itself, or is still open, has missed no target', () => {
  const nobody = { acknowledgedAt: null, acknowledgedBy: null };
  for (const over of [
    { ...nobody, outcome: 'auto-recovered' as const },
    { ...nobody, outcome: null, resolvedAt: null },
  ]) {
    expect(under('### Missed targets', { ...aRecord(over), messages: [] })).toBe('_nothing that the record knows of_');
  }
});

test('[REC-11] mitigation attempts, messages with their counts, alerts with their links', () => {
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
    '| 2026-11-21 13:10:00 CET | Ana Ruiz | Decided: rollback |\n| 2026-11-21 14:00:00 CET | bo | Mitigation worked |',
  );
  const messages = under('### Messages sent', record);
  expect(messages).toContain('1 to the team, 1 public, 0 notices, 1 stakeholder update.');
  expect(messages).toContain('| 2026-11-21 13:00:00 CET | the public | a b \\| c |');
  const alerts = under('### Alerts', record);
  expect(alerts).toContain('| runbook: https://runbooks.example/pay |');
  expect(alerts).toContain('_and 2 more, whose labels were not kept_');
  expect(draftOf(record)).not.toContain('javascript');
  expect(under('## Action Items', record)).toContain('- [ ] Update the runbook: https://runbooks.example/pay - ');
});

test('[REC-11] action items with owner and due date, done or not; proposed ones; earlier incidents', () => {
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
  expect(items).toContain('- [ ] Share what we learned with the other teams - _Owner?_ - _Due?_');
  expect(items).toContain('- [ ] Find out why INC-2025-031 did not prevent this - _Owner?_ - _Due?_');
  expect(under('### Earlier incidents', record)).toContain(
    'A recurrence of INC-2025-031.\n\n| Incident | Severity | Declared | What | Resolution |',
  );
  expect(under('### Earlier incidents', record)).toContain('| Payments \\| down | Restarted |');
});

test("other people's text stays text: no markup, no heading, no box to tick, no extra cell", () => {
  const record = {
    ...aRecord({
      ...{ title: HOSTILE, summary: HOSTILE, service: HOSTILE, component: HOSTILE, ticket: HOSTILE, channel: HOSTILE },
      ...{ team: HOSTILE, source: HOSTILE, resolution: HOSTILE, recurrenceOf: HOSTILE, acknowledgedBy: HOSTILE },
      cause: { text: HOSTILE, at: at(3), by: HOSTILE },
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
  for (const page of [documentOf('draft', record, format), documentOf('markdown', record, format)]) {
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

const draftBy = (postmortemTemplate: string, over = {}): string =>
  documentOf('draft', aRecord(over), { ...format, postmortemTemplate });
const BUILT_IN = documentOf('draft', aRecord(), format);

test('[COMM-19] a template arranges the parts of the draft in its own order', () => {
  expect(draftBy('# {{title}}\n\n{{summary}}\n\n## What we do now\n\n{{proposed}}')).toMatch(
    /^# INC-2026-001 · Payments are down\n\n> no payment for 5 min\n\n## What we do now\n\n/,
  );
});

test('[COMM-19] every part that a template may use exists', () => {
  const missing = allTemplates()
    .get('postmortem')
    ?.own.filter((name) => draftBy(`{{^${name}}}missing{{/${name}}}`) !== BUILT_IN);
  expect(missing).toEqual([]);
});

test('[COMM-19] a template that cannot be read leaves the built-in draft; a template can include that draft', () => {
  expect(draftBy('{{#title}}')).toBe(BUILT_IN);
  expect(draftBy('{{default}}\n\n## Review\n\nAsk Eve.')).toBe(`${BUILT_IN.trimEnd()}\n\n## Review\n\nAsk Eve.\n`);
});

test("other people's text stays text in a template, too", () => {
  const text = draftBy('{{title}} {{summary}}', { title: `{{reference}} ${HOSTILE}`, summary: '{{severity}}' });
  expect(text).toContain('{{reference}}');
  expect(text).toContain('{{severity}}');
  expect(text).not.toContain('<script');
});
