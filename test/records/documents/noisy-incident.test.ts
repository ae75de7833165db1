/** A record in which Tocsin and monitoring said far more than people did still reads as a story. */
import { describe, expect, test } from '@jest/globals';
import { parse } from 'yaml';
import { shownEntry, toView } from '../../../domain/engine/to-view.ts';
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import type { Incident } from '../../../domain/kernel/incident.ts';
import { plainText } from '../../../domain/kernel/text.ts';
import { documentOf } from '../../../records/documents/documents.ts';
import type { WholeRecord } from '../../../records/open-records.ts';
import {
  afterAlerts,
  afterCommand,
  afterEvents,
  atMinute,
  declaredIncident,
  SAMPLE_COMMANDS,
} from '../../support/pure-incident.ts';
import { format } from './record-example.ts';

const NAMES: Readonly<Record<string, string>> = { ana: 'Ana Ruiz', bo: 'Bo Lind', cy: 'Cy Wu', eve: 'Eve Hahn' };
const named = { ...format, nameOf: (person: string) => NAMES[person] ?? person };

/** What the records would have, if nothing had been taken from the state yet. */
function recordOf(incident: Incident): WholeRecord {
  const { pending } = incident.projection;
  const nameOf = (person: string): string => named.nameOf(person);
  return {
    incident: { ...toView(incident), reference: 'INC-2026-001' },
    timeline: pending.flatMap((item) => {
      if (!('entry' in item)) return [];
      const { parts, ...entry } = item.entry;
      return [shownEntry({ ...entry, text: parts === undefined ? entry.text : plainText(parts, undefined, nameOf) })];
    }),
    cut: 0,
    messages: pending.flatMap((item) =>
      'message' in item ? [{ ...item.message, text: plainText(item.message.text) }] : [],
    ),
    earlier: [],
  };
}

let pages = 0;
function paged(minute: number, people: readonly string[]): IncidentEvent {
  pages += 1;
  const at = atMinute(minute);
  const deliveries = people.flatMap((to) =>
    ['sms', 'webhook'].map((method) => {
      return {
        at,
        to,
        method,
        key: `E/page/1.1.${pages}/${to}.${method}`,
        state: 'accepted',
        reason: null,
        level: 1,
      } as const;
    }),
  );
  return { type: 'paged', at, requestNumber: pages, deliveries, methods: 2, unknown: [], again: false };
}

const EVERYBODY = ['ana', 'bo', 'cy', 'eve', 'dan'];

/** Pages every half minute, and an alert that comes and goes as often, for so many minutes. */
function noise(incident: Incident, from: number, minutes: number): Incident {
  let soFar = incident;
  for (let minute = from; minute < from + minutes; minute += 0.5) {
    const flaky = { fingerprint: 'f2', startsAt: atMinute(minute), labels: { alertname: 'Flaky' } };
    soFar = afterEvents(soFar, paged(minute, EVERYBODY));
    soFar = afterAlerts(soFar, minute, [flaky]).incident;
    const endsAt = atMinute(minute + 0.2);
    soFar = afterAlerts(soFar, minute + 0.2, [{ ...flaky, status: 'resolved', endsAt }]).incident;
  }
  return soFar;
}

function fiveMinutes(): Incident {
  const fired = { severity: 'SEV1', startsAt: atMinute(-1) } as const;
  const declared = afterAlerts(declaredIncident({ severity: 'SEV1' }), 0, [fired]).incident;
  let incident = noise(declared, 0, 2);
  incident = afterCommand(incident, SAMPLE_COMMANDS.acknowledge, 2);
  incident = noise(afterCommand(incident, SAMPLE_COMMANDS.assessImpact, 2), 2.1, 1);
  incident = afterCommand(incident, SAMPLE_COMMANDS.decideMitigation, 3);
  incident = afterCommand(incident, SAMPLE_COMMANDS.reportMitigation, 4);
  incident = afterAlerts(incident, 4, [{ ...fired, status: 'resolved', endsAt: atMinute(4) }]).incident;
  incident = afterCommand(incident, { type: 'resolve', resolution: 'rolled back' }, 4);
  return afterEvents(incident, { type: 'resolved', at: atMinute(5) });
}

/** Hours, in which people say a lot, too, and it comes back again and again. */
function longNight(): Incident {
  let incident = fiveMinutes();
  for (let hour = 1; hour <= 8; hour += 1) {
    incident = afterCommand(incident, { type: 'reopen', reason: `it is back, the ${hour}. time` }, hour * 60);
    incident = noise(incident, hour * 60 + 1, 5);
    for (let n = 0; n < 5; n += 1)
      incident = afterCommand(incident, { type: 'addNote', text: `looked at ${n}\nof ${hour}` }, hour * 60 + 7);
    incident = afterCommand(incident, { type: 'resolve', resolution: `restarted ${hour}` }, hour * 60 + 8);
    incident = afterEvents(incident, { type: 'resolved', at: atMinute(hour * 60 + 40) });
  }
  return incident;
}

const linesOf = (text: string): number => text.trimEnd().split('\n').length;
const firstPageOf = (draft: string): string => draft.split('\n## Action Items\n')[0] ?? '';

describe('the post-mortem of a noisy incident', () => {
  test('tells the story on its first page: detected, declared, acknowledged, decided, resolved, with times', () => {
    const draft = documentOf('draft', recordOf(fiveMinutes()), named);
    const story = firstPageOf(draft).split('\n## Timeline\n\n')[1]?.split('\n\n')[0]?.split('\n') ?? [];
    expect(story.map((line) => line.replace(/^- 2026-11-21 /, ''))).toEqual([
      '12:59:00 CET - The first alert fired',
      '13:00:00 CET - Declared by alertmanager: SEV1 "Checkout fails" for team platform',
      '13:02:00 CET - Ana Ruiz has it',
      '13:02:00 CET - Impact: Checkout fails for some; some users; 12 users affected (Ana Ruiz)',
      '13:03:00 CET - Ana Ruiz decided to roll back',
      '13:04:00 CET - Mitigation worked (Ana Ruiz)',
      '13:04:00 CET - All alerts have cleared; monitoring',
      '13:04:00 CET - Ana Ruiz confirmed: rolled back',
      '13:05:00 CET - Resolved',
    ]);
    expect(firstPageOf(draft)).not.toMatch(/Paged|firing/);
  });

  test('has a first page of 60 lines at the most, whatever the night was like, and everything in the appendix', () => {
    const record = recordOf(longNight());
    expect(record.timeline.length).toBeGreaterThan(240);
    const draft = documentOf('draft', record, named);
    expect(linesOf(firstPageOf(draft))).toBeLessThanOrEqual(60);
    expect(firstPageOf(draft)).toMatch(/\n- _\d+ more are in the whole timeline at the end_\n/);
    const whole = draft.split('\n### The whole timeline\n')[1] ?? '';
    expect(linesOf(whole)).toBeLessThan(record.timeline.length / 2);
    expect(whole).toContain(
      '| Paged 5 people 100 times: Ana Ruiz, Bo Lind, Cy Wu, Eve Hahn, dan, 14:01 CET–14:05 CET |',
    );
    for (let hour = 1; hour <= 8; hour += 1) expect(whole).toContain(`| Ana Ruiz | looked at 4 of ${hour} |`);
  });

  test('has every firing of every alert', () => {
    const draft = documentOf('draft', recordOf(fiveMinutes()), named);
    const rows = (draft.split('\n### Alerts\n\n')[1]?.split('\n\n')[0]?.split('\n') ?? []).slice(2);
    expect(rows.filter((row) => row.startsWith('| Flaky'))).toHaveLength(6);
    expect(rows).toContain('| Flaky | resolved | 2026-11-21 13:00:30 CET | 2026-11-21 13:00:42 CET |  |');
  });
});

describe('the YAML of a noisy incident', () => {
  test('of five minutes has 200 lines at the most, with the names of people and times in full', () => {
    const record = recordOf(fiveMinutes());
    const yaml = documentOf('yaml', record, named);
    expect(linesOf(yaml)).toBeLessThanOrEqual(200);
    const { incident, record: rest } = parse(yaml) as { incident: Record<string, unknown>; record: object };
    expect(incident['timeline']).toContainEqual({
      time: '2026-11-21T12:02:00.000Z',
      event: 'Ana Ruiz has it',
      by: 'Ana Ruiz',
    });
    expect(JSON.stringify(incident['timeline'])).toContain(
      'Paged 5 people 30 times: Ana Ruiz, Bo Lind, Cy Wu, Eve Hahn, dan, 2026-11-21T12:00:30.000Z–2026-11-21T12:01:30.000Z',
    );
    expect(rest).toMatchObject({
      roles: { incident_commander: 'Ana Ruiz' },
      acknowledged_by: 'Ana Ruiz',
      pages: { accepted: 60, failed: 0, people: ['Ana Ruiz', 'Bo Lind', 'Cy Wu', 'Eve Hahn', 'dan'] },
      timeline_entries: record.timeline.length,
    });
    expect(JSON.stringify(rest)).toContain('2026-11-21T12:00:30.000Z/2026-11-21T12:00:42.000Z');
  });

  test('leaves everything to the JSON export', () => {
    const record = recordOf(longNight());
    const json = JSON.parse(documentOf('json', record, named)) as WholeRecord;
    expect(json.timeline).toEqual(record.timeline);
    expect(json.messages).toHaveLength(record.messages.length);
    expect(json.incident.deliveries).toEqual(record.incident.deliveries);
  });
});
