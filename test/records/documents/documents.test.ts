/** The record as documents: complete, readable by other programs, and other people's text stays text. */
import { parse } from 'yaml';
import { escapeMarkdown, timeIn } from '../../../records/documents/document-format.ts';
import { documentOf, toJson, toMarkdown } from '../../../records/documents/documents.ts';
import { toYaml } from '../../../records/documents/yaml-export.ts';
import { anIncidentId } from '../record-builders.ts';
import { aRecord, at, HOSTILE, format } from './record-example.ts';

test('[REC-5] JSON is the whole record, every time in RFC 3339', () => {
  const record = aRecord();
  expect(JSON.parse(toJson(record))).toEqual({
    ...record,
    messages: record.messages.map((message) => ({ ...message, at: new Date(message.at).toISOString() })),
  });
});

test("YAML follows the organization's template, with full times, and has the rest in short", () => {
  const record = aRecord();
  const yaml = toYaml(record, format);
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
      impact: {
        ...{ users_affected: null, revenue_lost: null, duration_minutes: 90, data_loss: null, description: null },
      },
      root_cause: 'A full disk',
      resolution: 'Rolled back',
      timeline: [
        { time: at(1), event: 'no' },
        { time: at(2), event: 'ana has it', by: 'Ana Ruiz' },
        { time: at(3), event: HOSTILE, by: 'bo' },
      ],
      action_items: [],
    });
    expect(rest).toEqual({
      incident_id: anIncidentId(1),
      url: 'https://tocsin.example/incidents/inc-platform-1',
      ...{ phase: 'resolved', outcome: 'resolved', severity_now: 'SEV2' },
      ...{ team: 'platform', service: 'payments', source: 'alertmanager', ticket: null, channel: null },
      roles: { incident_commander: 'Ana Ruiz', technical_lead: null, communications_lead: 'bo', scribe: null },
      times: {
        ...{ declared: at(1), acknowledged: at(3), cause_identified: at(30) },
        ...{ mitigation_started: at(10), mitigated: at(61), closed: null },
      },
      acknowledged_by: 'Ana Ruiz',
      people_involved: ['Ana Ruiz', 'bo'],
      alerts: [{ name: 'Down', status: 'firing', fired: [at(0)] }],
      pages: { accepted: 1, failed: 0, people: ['Ana Ruiz'] },
      messages: { chat: 0, public: 1, notice: 1, stakeholder_update: 0 },
      timeline_entries: 3,
    });
  }
});

test('an open incident has no end yet', () => {
  const record = aRecord({ resolvedAt: null, detectedAt: null, declaredBy: 'ana' });
  expect(parse(toYaml(record, format))).toMatchObject({
    incident: { started_at: at(1), detected_by: 'Ana Ruiz', resolved_at: null, impact: { duration_minutes: null } },
  });
});

test('[REC-5] YAML has impact, action items and recurrence where the template has them', () => {
  const item = {
    id: 'A1',
    owner: 'bo',
    due: '2026-12-01',
    addedBy: 'ana',
    addedAt: at(95),
    doneAt: null,
    doneBy: null,
  };
  const record = aRecord({
    impact: { scope: 'all', usersAffected: 15_000, dataLoss: false, revenueLost: '$45000', summary: 'No checkout' },
    actionItems: [{ ...item, text: 'Update runbook' }],
    recurrenceOf: 'INC-2026-000',
  });
  expect((parse(toYaml(record, format)) as { incident: object }).incident).toMatchObject({
    impact: { users_affected: 15_000, revenue_lost: '$45000', data_loss: false, description: 'No checkout' },
    action_items: ['Update runbook'],
    recurrence_of: 'INC-2026-000',
  });
});

test('each document shows the incident as the API does: with its address and its checklist', () => {
  const json = JSON.parse(documentOf('json', aRecord(), format)) as { incident: Record<string, unknown> };
  expect(json.incident).toMatchObject({
    url: 'https://tocsin.example/incidents/inc-platform-1',
    reference: 'INC-2026-001',
  });
  expect(json.incident['checklist']).toBeDefined();
  expect(documentOf('markdown', aRecord(), format)).toContain('https://tocsin.example/incidents/inc-platform-1');
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
  expect(escapeMarkdown(text)).toBe(wanted);
});

test('times are written as people write them', () => {
  expect(timeIn('America/New_York', '2026-07-01T04:00:00Z')).toMatch(/^2026-07-01 00:00:00 (EDT|GMT-4)$/);
});

test('a cut timeline says how many entries are missing', () => {
  expect(toMarkdown({ ...aRecord(), cut: 7 }, format)).toContain('_The first 7 entries are missing here._');
  expect(toMarkdown({ ...aRecord({ reference: null, id: anIncidentId(4) }), messages: [] }, format)).toContain(
    anIncidentId(4),
  );
});
