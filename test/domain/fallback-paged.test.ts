/** What an incident makes of pages that left before it could begin. */
import { expect, test } from '@jest/globals';
import type { EdgePage } from '../../domain/alert.ts';
import { chainEvents, nextInChain } from '../../domain/escalation.ts';
import { edgeStoodIn } from '../../domain/paging.ts';
import { toView } from '../../domain/to-view.ts';
import { after, at, declared, heard, judged, told } from '../support/play.ts';

const page = (to: string, over: Partial<EdgePage> = {}): EdgePage => ({
  to,
  method: 'webhook',
  key: `bg/${to}`,
  at: at(-5),
  incidentId: '01EDGE',
  ...over,
});

const begun = (...alreadyPaged: readonly EdgePage[]) => {
  const incident = heard(declared(), 0, [{}], { alreadyPaged }).incident;
  const due = nextInChain(incident);
  if (due === null) throw new Error('no chain');
  return after(incident, ...chainEvents(incident, due, at(0)));
};

test('[PAGE-40] whoever the edge paged is left out of level 1, and counts as paged', () => {
  const incident = begun(page('ana'));
  expect(incident.orders.pages).toMatchObject([{ reason: 'on-call', except: ['ana'] }]);
  expect(incident.paged).toEqual(['ana']);
  expect(incident.deliveries).toMatchObject([{ to: 'ana', key: 'bg/ana', state: 'accepted', at: at(-5) }]);
  expect(edgeStoodIn(incident)).toBe(true);
});

test('[PAGE-40] a later level, or a pass after it, is not stood in for', () => {
  const first = begun(page('ana'));
  const next = after(first, ...chainEvents(first, { act: 'climb', at: at(15) }, at(15)));
  expect(next.chain.level).toBe(2);
  expect(edgeStoodIn(next)).toBe(false);
  expect(edgeStoodIn(begun())).toBe(false);
});

test('[PAGE-40] the links of those pages speak of this incident', () => {
  const incident = begun(page('ana'));
  expect(toView(incident).aliases).toEqual(['01EDGE']);
  expect(told(incident, { type: 'acknowledge', incidentId: '01EDGE' }).acknowledgedBy).toBe('ana');
  expect(judged(incident, { type: 'acknowledge', incidentId: '01OTHER' })).toMatchObject({ refused: true });
});

test('the same page told twice is one delivery and one line; a page to an incident that runs already is a line', () => {
  const incident = begun(page('ana'));
  const again = heard(incident, 1, [{}], { alreadyPaged: [page('ana'), page('bo', { key: 'bg/bo' })] });
  expect(again.kinds).toEqual(['fallback-paged', 'alerts-seen']);
  expect(again.incident.deliveries.map(({ to }) => to)).toEqual(['ana', 'bo']);
  expect(again.incident.timeline.at(-1)).toMatchObject({
    text: 'While Temporal was away, paged directly: bo by webhook',
  });
});
