import { spooledDigestOf, planReplay } from '../../../../webhook-server/delivery/spool/replay-plan.ts';
import type { RoutedAlerts } from '../../../../webhook-server/incidents/gateway.ts';
import { alert, resolved, routed, T0 } from '../../support/routed-alerts.ts';

function plan(routedAlerts: readonly RoutedAlerts[], isPaged?: (key: string) => boolean) {
  const digests = routedAlerts.map((whole) => ({ ...spooledDigestOf(whole), whole }));
  const { deliver, drop, withoutCleared } = planReplay(digests, isPaged);
  const idOf = ({ whole }: { whole: RoutedAlerts }): string => whole.declaration.workflowId;
  return { tell: deliver.flat().map(idOf), drop: drop.map(idOf), trim: withoutCleared };
}

test('the most severe comes first, then the oldest, all-clears last', () => {
  const at = (receivedAt: number, whole: RoutedAlerts): RoutedAlerts => ({ ...whole, receivedAt });
  const { tell } = plan([
    at(T0, routed('cleared', [resolved('r')])),
    at(T0 + 2, routed('mild', [alert('m', { severity: 'SEV3' })])),
    at(T0 + 4, routed('later-bad', [alert('b2', { severity: 'SEV1' })])),
    at(T0 + 3, routed('bad', [alert('m2', { severity: 'SEV4' }), alert('b', { severity: 'SEV1' })])),
  ]);
  expect(tell).toEqual(['bad', 'later-bad', 'mild', 'cleared']);
});

test('a firing whose resolution waits too wakes nobody; the resolution is still told', () => {
  const { tell, drop } = plan([routed('a', [alert('x')]), routed('a', [resolved('x')]), routed('b', [alert('x')])]);
  expect(drop).toEqual(['a']);
  expect(tell).toEqual(['b', 'a']);
});

test('another start, or another alert of the message, still counts', () => {
  const mixed = routed('a', [alert('x'), alert('y')]);
  const { tell, drop, trim } = plan([
    mixed,
    routed('a', [resolved('x')]),
    routed('c', [alert('x', { startsAt: T0 + 1 })]),
  ]);
  expect(drop).toEqual([]);
  expect(tell).toHaveLength(3);
  expect(trim(mixed).alerts.map(({ fingerprint }) => fingerprint)).toEqual(['y']);
});

test('what somebody has been paged about is told although it is over, and its end right after it', () => {
  const paged = routed('a', [alert('x')]);
  const { tell, drop, trim } = plan(
    [
      { ...routed('a', [resolved('x')]), receivedAt: T0 + 9 },
      paged,
      { ...routed('b', [alert('y', { severity: 'SEV3' })]), receivedAt: T0 + 1 },
    ],
    (key) => key.includes('"x"'),
  );
  expect([tell, drop]).toEqual([['a', 'a', 'b'], []]);
  expect(trim(paged).alerts).toHaveLength(1);
});

test('an alert that fires again after its end in the spool still fires: nothing of it is dropped', () => {
  const at = (receivedAt: number, whole: RoutedAlerts): RoutedAlerts => ({ ...whole, receivedAt });
  const last = at(T0 + 2, routed('a', [alert('x')]));
  const { tell, drop, trim } = plan([
    last,
    at(T0, routed('a', [alert('x')])),
    at(T0 + 1, routed('a', [resolved('x')])),
  ]);
  expect([tell, drop]).toEqual([['a', 'a', 'a'], []]);
  expect(trim(last).alerts).toHaveLength(1);
});

test('the alerts of one incident are told in the order in which they were received, whatever their severity', () => {
  const at = (receivedAt: number, whole: RoutedAlerts): RoutedAlerts => ({ ...whole, receivedAt });
  const digests = [
    at(T0 + 3, routed('a', [alert('x', { severity: 'SEV1' })])),
    at(T0 + 1, routed('a', [resolved('y')])),
    at(T0, routed('b', [alert('z', { severity: 'SEV2' })])),
    at(T0 + 2, routed('a', [alert('y', { severity: 'SEV4', startsAt: T0 + 9 })])),
  ].map(spooledDigestOf);
  expect(planReplay(digests).deliver.map((one) => one.map(({ receivedAt }) => receivedAt - T0))).toEqual([
    [1, 2, 3],
    [0],
  ]);
});
