/** The record in its forms: complete, readable by other programs, and never more than text where it is text. */
import { parse } from 'yaml';
import type { WholeRecord } from '../../../records/index.ts';
import { toJson } from '../../../webhook-server/export/json.ts';
import { toMarkdown } from '../../../webhook-server/export/markdown.ts';
import { plain } from '../../../webhook-server/export/plain.ts';
import { postmortemDraft } from '../../../webhook-server/export/postmortem.ts';
import { lengthOf, timeIn } from '../../../webhook-server/export/telling.ts';
import { toYaml } from '../../../webhook-server/export/yaml.ts';
import { aDelivery, aHead, aMessage, anAlert, anEpisode, NOON } from '../../records/builders.ts';

const at = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString();
const HOSTILE = '# <img src=x onerror=alert(1)> ![x](javascript:alert(1)) | a | *b* \u202e`c`\n\n# second <script>';

function aRecord(over: Partial<WholeRecord['incident']> = {}): WholeRecord {
  const incident = {
    ...aHead({
      highestSeverity: 'SEV1',
      phase: 'resolved',
      outcome: 'resolved',
      roles: { ic: 'ana', technicalLead: null, communicationsLead: 'bo', scribe: null },
      detectedAt: at(0),
      declaredAt: at(1),
      acknowledgedAt: at(3),
      mitigationStartedAt: at(10),
      mitigatedAt: at(61),
      resolvedAt: at(90),
      resolution: 'Rolled back',
    }),
    ...{ id: 'INC-2026-001', alerts: [anAlert('f1')], deliveries: [aDelivery('k1')] },
    ...over,
  };
  const line = (seq: number, by: string | null, text: string) => ({ seq, at: at(seq), kind: 'noted', by, text });
  return {
    incident,
    timeline: [line(1, null, 'no'), line(2, 'ana', 'ana has it'), line(3, 'bo', HOSTILE)],
    cut: 0,
    messages: [
      aMessage(1, { kind: 'public', text: 'We are looking\n# into it' }),
      aMessage(2, { to: ['ana'], kind: 'notice' }),
    ],
  };
}

const telling = { timeZone: 'Europe/Berlin', nameOf: (name: string) => (name === 'ana' ? 'Ana Ruiz' : name) };

test('JSON is the whole record, every time in RFC 3339', () => {
  const record = aRecord();
  expect(JSON.parse(toJson(record))).toEqual({
    ...record,
    messages: record.messages.map((message) => ({ ...message, at: new Date(message.at).toISOString() })),
  });
});

test('YAML is by the template of the house, with full times, and loses nothing', () => {
  const record = aRecord();
  const yaml = toYaml(record);
  // Readers of either generation of YAML see the same.
  for (const version of ['1.1', '1.2'] as const) {
    const { incident, record: rest } = parse(yaml, { version }) as {
      incident: Record<string, unknown>;
      record: object;
    };
    expect(incident).toEqual({
      id: 'INC-2026-001',
      severity: 'SEV1',
      title: 'Payments are down',
      started_at: at(0),
      detected_by: 'monitoring_alert',
      resolved_at: at(90),
      impact: { users_affected: null, revenue_lost: null, duration_minutes: 90, description: null },
      timeline: [
        { time: at(1), event: 'no' },
        { time: at(2), event: 'ana has it', by: 'ana' },
        { time: at(3), event: HOSTILE, by: 'bo' },
      ],
      action_items: [],
    });
    expect(rest).toEqual(JSON.parse(toJson(record)));
  }
});

test('one that is open has no end yet', () => {
  const record = aRecord({ resolvedAt: null, detectedAt: null, declaredBy: 'ana' });
  expect(parse(toYaml(record))).toMatchObject({
    incident: { started_at: at(1), detected_by: 'ana', resolved_at: null, impact: { duration_minutes: null } },
  });
  expect(postmortemDraft(record, telling)).toContain('| Duration | it is not over |');
});

test('the draft of a post-mortem has who and when, the durations, the messages, and the gaps', () => {
  const draft = postmortemDraft(aRecord(), telling);
  for (const text of [
    '# Post-mortem: INC-2026-001 · Payments are down\n',
    '| Severity | SEV2, at worst SEV1 |',
    '| Incident commander | Ana Ruiz |',
    '| Duration | 1 h 30 min |',
    '| Acknowledged | 2026-11-21 13:03:00 CET | 2 min 00 s | 3 min 00 s |',
    '| Mitigated | 2026-11-21 14:01:00 CET | 51 min 00 s | 1 h 01 min |',
    '| Resolved | 2026-11-21 14:30:00 CET | 29 min 00 s | 1 h 30 min |',
    '| 2026-11-21 13:02:00 CET | Ana Ruiz | ana has it |',
    '**2026-11-21 13:00:00 CET**, to the public:\n\n> We are looking\n> \\# into it',
    ', to Ana Ruiz:\n\n> message 2',
    '> Rolled back',
    '_To fill in: ',
    '| What | Owner | Due |',
  ]) {
    expect(draft).toContain(text);
  }
});

test('what others wrote is text: no markup, no heading, no cell of its own', () => {
  const record = aRecord({ title: HOSTILE, summary: HOSTILE, service: HOSTILE, ticket: HOSTILE, resolution: HOSTILE });
  for (const page of [postmortemDraft(record, telling), toMarkdown(record, telling)]) {
    expect(page).not.toMatch(/<(img|script)/);
    expect(page).not.toMatch(/(?<!\\)!?(?<!\\)\[/);
    expect(page).not.toMatch(/\u202e/);
    const headings = page.split('\n').filter((line) => /^[>\s-]*#/.test(line));
    expect(headings.filter((line) => !/^#{1,2} [A-Z]/.test(line))).toEqual([]);
    // Every row of a table has as many cells as its head.
    for (const rows of page.split('\n\n').filter((block) => block.startsWith('|'))) {
      const cells = rows
        .trimEnd()
        .split('\n')
        .map((line) => line.replaceAll('\\|', '').split('|').length);
      expect(new Set(cells).size).toBe(1);
    }
  }
});

test.each([
  ['a\n- b', 'a - b'],
  ['- b', '\\- b'],
  ['1. b', '1\\. b'],
  ['=== x', '\\=== x'],
  ['snake_case & <b>', 'snake\\_case &amp; &lt;b&gt;'],
  ['back\\slash', 'back\\\\slash'],
  ['see https://runbooks.example/a-b #3', 'see https://runbooks.example/a-b #3'],
  ['half \ud800', 'half \ufffd'],
])('%j becomes %j', (text, wanted) => {
  expect(plain(text)).toBe(wanted);
});

test('lengths and times are said as people say them', () => {
  expect([0, 59_400, 60_000, 3_600_000, 90_000_000, -5].map(lengthOf)).toEqual([
    ...['0 s', '59 s', '1 min 00 s', '1 h 00 min', '25 h 00 min', '0 s'],
  ]);
  expect(timeIn('America/New_York', '2026-07-01T04:00:00Z')).toMatch(/^2026-07-01 00:00:00 (EDT|GMT-4)$/);
});

test('missing lines are said to be missing', () => {
  expect(toMarkdown({ ...aRecord(), cut: 7 }, telling)).toContain('_7 lines are missing here._');
  expect(toMarkdown({ ...aRecord({ id: null, episode: anEpisode(4) }), messages: [] }, telling)).toContain(
    anEpisode(4),
  );
});
