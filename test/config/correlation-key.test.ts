import { correlationKey, workflowIdFor, type CorrelationParts } from '../../config/routing.ts';
import { createSigner } from '../../runtime/digests.ts';

const parts: CorrelationParts = {
  source: 'alertmanager',
  groupKey: '{}:{alertname="X"}',
  groupLabels: { alertname: 'X' },
  labels: { alertname: 'X', instance: 'a', service: 'pay' },
  correlateBy: null,
  restricted: false,
};
const key = (change: Partial<CorrelationParts> = {}): string => correlationKey({ ...parts, ...change });

describe('where alerts meet', () => {
  test('a group key decides alone; without one the group labels, else the labels', () => {
    expect(key({ labels: {}, groupLabels: null })).toBe(key());
    expect(key({ groupKey: 12_345 })).toBe(key({ groupKey: '', labels: { other: 'x' } }));
    expect(key({ groupKey: null, groupLabels: {} })).toBe(key({ groupKey: null, groupLabels: null }));
    expect(key({ groupKey: null })).not.toBe(key({ groupKey: null, groupLabels: null }));
  });

  test.each(['{}:{}', '{}/{severity="critical"}:{}'])(
    'the group %s, which has no labels, holds the alerts of each service apart, and those without one together',
    (groupKey) => {
      const of = (labels: Record<string, string>, change: Partial<CorrelationParts> = {}): string =>
        key({ groupKey, groupLabels: {}, labels, ...change });
      expect(of({ alertname: 'A', service: 'pay' })).toBe(of({ alertname: 'B', service: 'pay' }));
      expect(of({ alertname: 'A', service: 'pay' })).not.toBe(of({ alertname: 'A', service: 'search' }));
      expect(of({ alertname: 'A', app: 'pay' })).toBe(of({ alertname: 'B', app: 'search' }));
      expect(of({ service: 'pay' }, { restricted: true })).not.toBe(of({ service: 'pay' }));
    },
  );

  test('no other group is split by service', () => {
    const of = (service: string): string => key({ labels: { service } });
    expect(of('pay')).toBe(of('search'));
    const generic = (service: string): string => key({ groupKey: 'disk-a', groupLabels: {}, labels: { service } });
    expect(generic('pay')).toBe(generic('search'));
  });

  test('the order of labels and the normal form of letters do not matter', () => {
    const labels = (a: Record<string, string>): string => key({ groupKey: null, groupLabels: a });
    expect(labels({ a: 'caf\u00e9', b: '2' })).toBe(labels({ b: '2', a: 'cafe\u0301' }));
    expect(labels({ a: '\ud800' })).toBe(labels({ a: '\ufffd' }));
  });

  test('no trick with separators makes two groups one', () => {
    expect(key({ groupKey: 'a|b', source: 'c' })).not.toBe(key({ groupKey: 'a', source: 'b|c' }));
    expect(workflowIdFor('a', 'b-c')).not.toBe(workflowIdFor('a-b', 'c'));
    expect(key({ restricted: true })).not.toBe(key());
  });

  test('a route can correlate over sources by labels of its own', () => {
    const correlateBy = ['service'];
    expect(key({ correlateBy })).toBe(
      key({ correlateBy, source: 'grafana', groupKey: 'other', labels: { service: 'pay' } }),
    );
    expect(key({ correlateBy, labels: {} })).not.toBe(key({ correlateBy }));
  });

  test.each(['platform', 'Zahlungen & Käufe '.repeat(9), '東京', '--', 'x'.repeat(500)])(
    '%s makes a legal id',
    (team) => {
      expect(workflowIdFor(team, 'k')).toMatch(/^inc-[a-z0-9](?:[a-z0-9-]{0,22}[a-z0-9])?-[0-9a-f]{20}$/);
      expect(workflowIdFor(team, 'k').length).toBeLessThanOrEqual(64);
    },
  );

  test('the id of a known team and key never changes', () => {
    expect(workflowIdFor('platform', key())).toBe('inc-platform-499044b02f5e73ea6e12');
  });
});

describe('signed links', () => {
  const link = { workflowId: 'inc-a-1', incidentId: '01J', person: 'jürgen', cycle: 2 };
  const signer = createSigner('a secret of the test');

  test('come back as they were signed', () => {
    expect(signer.verify(signer.sign(link))).toEqual(link);
    expect(signer.sign(link)).toMatch(/^[\w-]+\.[\w-]+$/);
  });

  test('are worth nothing when touched, cut, or signed by somebody else', () => {
    const token = signer.sign(link);
    const [payload = '', signature = ''] = token.split('.');
    const forged = Buffer.from(JSON.stringify(['inc-b-1', '01J', 'eve', 1])).toString('base64url');
    const bad = [
      ...['', '.', 'a.b', payload, `${payload}.`, `.${signature}`, `${token}.x`, `${token}A`, 'x'.repeat(5000)],
      ...[`${forged}.${signature}`, `${payload}.${signature.slice(0, 10)}`, createSigner('other').sign(link)],
    ];
    for (const token of bad) expect(signer.verify(token)).toBeNull();
  });

  test('of an incident are signed the same each time, and are valid for nothing else', () => {
    const token = signer.signIncident('01J');
    expect([signer.signIncident('01J'), signer.verifyIncident(token)]).toEqual([token, '01J']);
    const [, signature = ''] = token.split('.');
    for (const bad of [`01K.${signature}`, '01J', '01J.', createSigner('other').signIncident('01J')])
      expect(signer.verifyIncident(bad)).toBeNull();
    expect([signer.verify(token), signer.verifyIncident(signer.sign(link))]).toEqual([null, null]);
  });

  test('need a secret', () => expect(() => createSigner(' ')).toThrow(/TOCSIN_SECRET/));
});
