/** What an incident makes of pages that left before it could begin. */
import { expect, test } from '@jest/globals';
import type { FallbackPage } from '../../../domain/kernel/alert.ts';
import { escalationEvents, nextEscalationStep } from '../../../domain/escalation/escalation.ts';
import { fallbackCoversLevelOne } from '../../../domain/escalation/escalation-state.ts';
import { toView } from '../../../domain/engine/to-view.ts';
import {
  afterEvents,
  atMinute,
  declaredIncident,
  afterAlerts,
  decideCommand,
  afterCommand,
} from '../../support/pure-incident.ts';

const page = (to: string, over: Partial<FallbackPage> = {}): FallbackPage => ({
  to,
  method: 'webhook',
  key: `bg/${to}`,
  at: atMinute(-5),
  incidentId: '01EDGE',
  ...over,
});

const begun = (...alreadyPaged: readonly FallbackPage[]) => {
  const incident = afterAlerts(declaredIncident(), 0, [{}], { alreadyPaged }).incident;
  const due = nextEscalationStep(incident);
  if (due === null) throw new Error('no chain');
  return afterEvents(incident, ...escalationEvents(incident, due, atMinute(0)));
};

test('[PAGE-40] whoever the edge paged is left out of level 1, and counts as paged', () => {
  const incident = begun(page('ana'));
  expect(incident.outbox.pages).toMatchObject([{ reason: 'on-call', except: ['ana'] }]);
  expect(incident.escalation.paged).toEqual(['ana']);
  expect(incident.deliveries).toMatchObject([{ to: 'ana', key: 'bg/ana', state: 'accepted', at: atMinute(-5) }]);
  expect(fallbackCoversLevelOne(incident)).toBe(true);
});

test('[PAGE-40] a later level, or a pass after it, is not stood in for', () => {
  const first = begun(page('ana'));
  const next = afterEvents(first, ...escalationEvents(first, { act: 'next-level', at: atMinute(15) }, atMinute(15)));
  expect(next.escalation.level).toBe(2);
  expect(fallbackCoversLevelOne(next)).toBe(false);
  expect(fallbackCoversLevelOne(begun())).toBe(false);
});

test('[PAGE-40] the links of those pages speak of this incident', () => {
  const incident = begun(page('ana'));
  expect(toView(incident).aliases).toEqual(['01EDGE']);
  expect(afterCommand(incident, { type: 'acknowledge', incidentId: '01EDGE' }).acknowledgedBy).toBe('ana');
  expect(decideCommand(incident, { type: 'acknowledge', incidentId: '01OTHER' })).toMatchObject({ refused: true });
});

test('the same page told twice is one delivery and one line; a page to an incident that runs already is a line', () => {
  const incident = begun(page('ana'));
  const again = afterAlerts(incident, 1, [{}], { alreadyPaged: [page('ana'), page('bo', { key: 'bg/bo' })] });
  expect(again.kinds).toEqual(['fallback-paged', 'alerts-seen']);
  expect(again.incident.deliveries.map(({ to }) => to)).toEqual(['ana', 'bo']);
  expect(again.incident.projection.timeline.at(-1)).toMatchObject({
    text: 'Temporal was unreachable, so the server paged directly: bo by webhook',
  });
});
