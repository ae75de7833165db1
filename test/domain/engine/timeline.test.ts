import { describe, expect, test } from '@jest/globals';

import { COMMAND_TYPES } from '../../../domain/kernel/commands.ts';
import { TIMELINE_ENTRIES_KEPT } from '../../../domain/engine/projection.ts';
import { hasTimelineEntry } from '../../../domain/engine/timeline-entry.ts';
import { toTimeline } from '../../../domain/engine/to-view.ts';
import {
  afterEvents,
  firingIncident,
  atMinute,
  afterAlerts,
  decideCommand,
  recordedUpTo,
  SAMPLE_COMMANDS,
  afterCommand,
} from '../../support/pure-incident.ts';

const TYPES = COMMAND_TYPES;
const note = (text: string, minute = 1) => ({ type: 'note-added', at: atMinute(minute), by: 'ana', text }) as const;

test.each(TYPES)('[REC-1] [CMD-1] %s leaves a line with time and person, or changes nothing', (type) => {
  const before = {
    ...afterCommand(
      { ...firingIncident(), escalation: { ...firingIncident().escalation, paged: ['ana'] } },
      { type: 'acknowledge', by: 'bo' },
    ),
    mitigation: {
      ...afterCommand(
        { ...firingIncident(), escalation: { ...firingIncident().escalation, paged: ['ana'] } },
        { type: 'acknowledge', by: 'bo' },
      ).mitigation,
      monitoringWindow: null,
    },
  };
  const decision = decideCommand(before, SAMPLE_COMMANDS[type], 7);
  if (decision.refused || decision.events.length === 0) return;
  const { projection } = afterEvents(before, ...decision.events);
  expect(projection.seq).toBe(before.projection.seq + decision.events.length);
  expect(
    projection.timeline.slice(before.projection.timeline.length).map((line) => [line.at, line.by, line.kind]),
  ).toEqual(decision.events.map((event) => [atMinute(7), 'by' in event ? event.by : null, event.type]));
});

test('[REC-1] lines are numbered without a gap, and what is only bookkeeping has none', () => {
  const incident = afterEvents(
    afterAlerts(firingIncident(), 1, [{}]).incident,
    recordedUpTo(0),
    { type: 'answered', at: atMinute(1), requestId: 'r1', command: 'acknowledge', changed: true, text: 'x' },
    note('looking'),
  );
  expect(toTimeline(incident).timeline.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual([
    '1 declared',
    '2 alerts-fired',
    '3 note-added',
  ]);
  expect(hasTimelineEntry('answered')).toBe(false);
});

describe('[REC-2] a record longer than the state keeps', () => {
  const long = Array.from({ length: 300 }, (_, n) => note(`${n} ${'é'.repeat(4_000)}`, n)).reduce(
    (incident, event) => afterEvents(incident, event),
    firingIncident(),
  );
  test('shows its last lines and those the records lack, and says how many came before', () => {
    const { timeline, cut } = toTimeline(long);
    expect(cut + timeline.length).toBe(302);
    expect(timeline[0]?.seq).toBe(cut + 1);
    expect(timeline.at(-1)?.text.startsWith('299 é')).toBe(true);
  });
  test('keeps no more than its last lines once the records have it', () => {
    const { timeline, cut } = toTimeline(afterEvents(long, recordedUpTo(long.stateVersion)));
    expect(timeline).toHaveLength(TIMELINE_ENTRIES_KEPT);
    expect(cut).toBe(302 - TIMELINE_ENTRIES_KEPT);
  });
  test('a line never ends in half a character', () => {
    const line = afterEvents(firingIncident(), note(`x${'😀'.repeat(1_990)}`)).projection.timeline.at(-1)?.text ?? '';
    expect(line.isWellFormed()).toBe(true);
    expect(line.length).toBeLessThanOrEqual(2_000);
  });
});
