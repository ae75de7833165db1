/** What was promised, and until when: kept as moments, whatever becomes of the severity afterwards. */
import type { IncidentEvent } from '../../../domain/kernel/events.ts';
import { evolve, blankIncident } from '../../../domain/engine/evolve.ts';
import { projectionOf } from '../../../domain/engine/to-view.ts';
import type { Declaration } from '../../../domain/kernel/declaration.ts';
import { aDeclaration, aPolicy } from '../../support/builders.ts';

const MIN = 60_000;

/** Minutes after the declaration: until when an acknowledgement, and a first public entry, is promised. */
function promised(over: Partial<Declaration>, events: readonly IncidentEvent[]) {
  const declaration = aDeclaration(over);
  const all: readonly IncidentEvent[] = [{ type: 'declared', at: 0, declaration }, ...events];
  const { acknowledgeDueAt, publicDueAt } = projectionOf(all.reduce(evolve, blankIncident(declaration, 0)));
  return [acknowledgeDueAt, publicDueAt].map((at) => (at === null ? null : Date.parse(at) / MIN));
}

const acknowledged = (minutes: number): IncidentEvent => ({ type: 'acknowledged', at: minutes * MIN, by: 'ana' });
const changed = (minutes: number, from: Declaration['severity'], to: Declaration['severity']): IncidentEvent => {
  return { type: 'severity-changed', at: minutes * MIN, by: 'ana', from, to, reason: 'x' };
};
const paged = (minutes: number, loudAt: number): IncidentEvent => ({
  ...{ type: 'paged', at: minutes * MIN, requestNumber: 1, deliveries: [], methods: 1, unknown: [], again: false },
  audibleFrom: loudAt * MIN,
});

test.each([
  ['SEV1', [5, 15]],
  ['SEV2', [15, 30]],
  ['SEV3', [60, null]],
  ['SEV4', [null, null]],
] as const)('[REC-5] %s: acknowledged and public within its time of the declaration', (severity, due) => {
  expect(promised({ severity }, [])).toEqual(due);
  expect(promised({ severity }, [acknowledged(200)])).toEqual(due);
});

test('raised before anybody answered: the later of declaration + its time and change + the acknowledgement time', () => {
  expect(promised({ severity: 'SEV2' }, [changed(3, 'SEV2', 'SEV1')])).toEqual([8, 15]);
  expect(promised({ severity: 'SEV3' }, [changed(20, 'SEV3', 'SEV1')])).toEqual([25, 25]);
});

test('raised after somebody answered: the acknowledgement was promised by what it was then', () => {
  expect(promised({ severity: 'SEV2' }, [acknowledged(2), changed(40, 'SEV2', 'SEV1')])).toEqual([15, 45]);
});

test('lowered: no promise is taken back', () => {
  expect(promised({ severity: 'SEV1' }, [changed(1, 'SEV1', 'SEV3')])).toEqual([5, 15]);
});

test('whoever may not be disturbed has the whole time from when they may', () => {
  expect(promised({ severity: 'SEV3' }, [paged(60, 600)])).toEqual([660, null]);
  expect(promised({ severity: 'SEV3' }, [acknowledged(1), paged(60, 600)])).toEqual([60, null]);
});

test('nothing is promised of a test, and the public is promised nothing of a restricted one', () => {
  expect(promised({ severity: 'SEV1', test: true }, [])).toEqual([null, null]);
  expect(promised({ severity: 'SEV1', restricted: true }, [])).toEqual([5, null]);
});

test('a page that may be loud at once, or of which nothing was promised, changes no promise', () => {
  const { audibleFrom: _, ...loud } = paged(60, 600) as Extract<IncidentEvent, { type: 'paged' }>;
  expect(promised({ severity: 'SEV3' }, [loud])).toEqual([60, null]);
  expect(promised({ severity: 'SEV4' }, [paged(60, 600)])).toEqual([null, null]);
  const seen: IncidentEvent = { type: 'alerts-seen', at: MIN, fingerprints: [], truncated: 0 };
  expect(promised({ severity: 'SEV3' }, [seen])).toEqual([60, null]);
});

test('[COMM-3] at the declaration the public is promised its time, however long an acknowledgement may take', () => {
  const policy = aPolicy();
  const SEV2 = { ...policy.severities.SEV2, acknowledgeWithinMs: 60 * MIN };
  const slow = { ...policy, severities: { ...policy.severities, SEV2 } };
  expect(promised({ severity: 'SEV2', policy: slow }, [])).toEqual([60, 30]);
});
