import { describe, expect, test } from '@jest/globals';
import type { CommandType } from '../../domain/commands.ts';
import { COMMANDS } from '../../domain/commands.ts';
import { SILENT } from '../../domain/events.ts';
import { LINES_KEPT } from '../../domain/timeline.ts';
import { toTimeline } from '../../domain/to-view.ts';
import { after, alarmed, at, heard, judged, recorded, SAMPLES, told } from '../support/play.ts';

const TYPES = Object.keys(COMMANDS) as CommandType[];
const note = (text: string, minute = 1) => ({ type: 'note-added', at: at(minute), by: 'ana', text }) as const;

test.each(TYPES)('[REC-1] [CMD-1] %s leaves a line with time and person, or changes nothing', (type) => {
  const before = { ...told({ ...alarmed(), paged: ['ana'] }, { type: 'acknowledge', by: 'bo' }), watch: null };
  const decision = judged(before, SAMPLES[type], 7);
  if (decision.refused || decision.events.length === 0) return;
  const { timeline, seq } = after(before, ...decision.events);
  expect(seq).toBe(before.seq + decision.events.length);
  expect(timeline.slice(before.timeline.length).map((line) => [line.at, line.by, line.kind])).toEqual(
    decision.events.map((event) => [at(7), 'by' in event ? event.by : null, event.type]),
  );
});

test('[REC-1] lines are numbered without a gap, and what is only bookkeeping has none', () => {
  const incident = after(
    heard(alarmed(), 1, [{}]).incident,
    recorded(0),
    { type: 'answered', at: at(1), requestId: 'r1', command: 'acknowledge', changed: true, text: 'x' },
    note('looking'),
  );
  expect(toTimeline(incident).timeline.map(({ seq, kind }) => `${seq} ${kind}`)).toEqual([
    '1 declared',
    '2 alerts-fired',
    '3 note-added',
  ]);
  expect(SILENT).toContain('answered');
});

describe('[REC-2] a record longer than the state keeps', () => {
  const long = Array.from({ length: 300 }, (_, n) => note(`${n} ${'é'.repeat(4_000)}`, n)).reduce(
    (incident, event) => after(incident, event),
    alarmed(),
  );
  test('shows its last lines and those the records lack, and says how many came before', () => {
    const { timeline, cut } = toTimeline(long);
    expect(cut + timeline.length).toBe(302);
    expect(timeline[0]?.seq).toBe(cut + 1);
    expect(timeline.at(-1)?.text.startsWith('299 é')).toBe(true);
  });
  test('keeps no more than its last lines once the records have it', () => {
    const { timeline, cut } = toTimeline(after(long, recorded(long.revision)));
    expect(timeline).toHaveLength(LINES_KEPT);
    expect(cut).toBe(302 - LINES_KEPT);
  });
  test('a line never ends in half a character', () => {
    const line = after(alarmed(), note(`x${'😀'.repeat(1_990)}`)).timeline.at(-1)?.text ?? '';
    expect(line.isWellFormed()).toBe(true);
    expect(line.length).toBeLessThanOrEqual(2_000);
  });
});
