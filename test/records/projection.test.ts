/** What is written is what is read, on every database. */
import { DATABASES, type RecordsFixture } from './test-databases.ts';
import {
  aRecordBatch,
  aDelivery,
  aHead,
  aRecordedEntry,
  aMessage,
  aRecordedAlert,
  anIncidentId,
  NOON,
} from './record-builders.ts';

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: RecordsFixture;
  beforeAll(async () => (bench = await open()), 60_000);
  afterAll(() => bench.stop(), 30_000);

  let last = 0;
  /** An incident that no other test has. */
  const fresh = (): { incidentId: string; workflowId: string } => {
    last += 1;
    return { incidentId: anIncidentId(last), workflowId: `inc-platform-${last}` };
  };

  test('a timeline entry says whom it paged, and which firing of which alert it tells of', async () => {
    const { records } = bench;
    const ids = fresh();
    const pages = [{ to: 'ana', name: 'Ana Ruiz', state: 'accepted' }] as const;
    const alerts = [{ fingerprint: 'f1', name: 'Down', startsAt: NOON, endsAt: NOON + 60_000 }];
    const entries = [
      aRecordedEntry(1, { kind: 'paged', pages }),
      aRecordedEntry(2, { kind: 'alerts-cleared', alerts }),
    ];
    await records.project(aRecordBatch({ ...ids, entries }));
    expect((await records.timeline(ids.incidentId))?.timeline).toMatchObject([
      { kind: 'paged', pages },
      {
        kind: 'alerts-cleared',
        alerts: [{ ...alerts[0], startsAt: '2026-11-21T12:00:00.000Z', endsAt: '2026-11-21T12:01:00.000Z' }],
      },
    ]);
  });

  test('an incident is read as it was written, with its number', async () => {
    const { records } = bench;
    const ids = fresh();
    const batch = aRecordBatch({
      ...ids,
      stateVersion: 7,
      head: { seq: 2, roles: { ic: 'ana', technicalLead: null, communicationsLead: null, scribe: null } },
      entries: [
        aRecordedEntry(1, { kind: 'declared', text: '“Payments” – ünïcode 🚨' }),
        aRecordedEntry(2, { by: 'ana' }),
      ],
      deliveries: [aDelivery('k2', { state: 'failed', reason: 'later' }), aDelivery('k1')],
      messages: [aMessage(4, { kind: 'notice', to: ['ana', 'bo'] }), aMessage(3)],
      alerts: [
        aRecordedAlert('b', { startsAt: new Date(NOON + 5).toISOString() }),
        aRecordedAlert('a'),
        aRecordedAlert('c'),
      ],
    });
    const { reference, recurrenceOf } = await records.project(batch);
    expect(reference).toMatch(/^INC-2026-\d{3}$/);
    expect(recurrenceOf).toBeNull();
    expect(await records.incident(ids.incidentId)).toEqual({
      ...aHead({ workflowId: ids.workflowId, ...batch.projection }),
      id: ids.incidentId,
      reference,
      alerts: [batch.alerts[1], batch.alerts[2], batch.alerts[0]],
      deliveries: [batch.deliveries[1], batch.deliveries[0]],
    });
    const timeline = batch.entries.map((line) => ({ ...line, at: new Date(line.at).toISOString() }));
    const messages = [batch.messages[1], batch.messages[0]];
    expect(await records.timeline(ids.incidentId)).toEqual({ timeline, cut: 0 });
    expect(await records.messages(ids.incidentId)).toEqual(messages);
    expect(await records.seqOf(ids.incidentId)).toBe(2);
    const incident = await records.incident(ids.incidentId);
    expect(await records.record(ids.incidentId)).toEqual({ incident, timeline, cut: 0, messages, earlier: [] });
  });

  test('a page is there once, in its latest state, in whatever order its states arrive', async () => {
    const { records } = bench;
    const ids = fresh();
    const at = (seconds: number): string => new Date(NOON + seconds * 1000).toISOString();
    const accepted = aDelivery('k1', { at: at(3) });
    const failed = aDelivery('k2', { at: at(4), state: 'failed', reason: 'webhook: HTTP 404' });
    const other = aDelivery('k1', { at: at(1), method: 'email' });
    const earlier = [
      aDelivery('k1', { at: at(1), state: 'sending' }),
      aDelivery('k1', { at: at(2), state: 'retrying', reason: 'webhook: HTTP 503' }),
      aDelivery('k2', { at: at(4), state: 'retrying', reason: 'webhook: HTTP 404' }),
    ];
    await records.project(aRecordBatch({ ...ids, stateVersion: 2, deliveries: [failed, accepted] }));
    await records.project(aRecordBatch({ ...ids, stateVersion: 1, deliveries: [...earlier, other] }));
    expect((await records.incident(ids.incidentId))?.deliveries).toEqual([other, accepted, failed]);
  });

  test('the same batch again changes nothing, and answers the same', async () => {
    const { records } = bench;
    const ids = fresh();
    const batch = aRecordBatch({
      ...ids,
      entries: [aRecordedEntry(1)],
      deliveries: [aDelivery('k')],
      messages: [aMessage(1)],
      alerts: [aRecordedAlert('a')],
    });
    const first = await records.project(batch);
    const before = await records.record(ids.incidentId);
    expect(await records.project(batch)).toEqual(first);
    expect(await records.record(ids.incidentId)).toEqual(before);
  });

  test('a late batch adds its lines, but never takes the incident back', async () => {
    const { records } = bench;
    const ids = fresh();
    await records.project(
      aRecordBatch({
        ...ids,
        stateVersion: 9,
        head: { phase: 'mitigating' },
        entries: [aRecordedEntry(2)],
        alerts: [aRecordedAlert('a', { status: 'resolved' })],
      }),
    );
    await records.project(
      aRecordBatch({ ...ids, stateVersion: 4, entries: [aRecordedEntry(1)], alerts: [aRecordedAlert('a')] }),
    );
    const record = await records.record(ids.incidentId);
    expect(record?.incident.phase).toBe('mitigating');
    expect(record?.incident.alerts.map(({ status }) => status)).toEqual(['resolved']);
    expect(record?.timeline.map(({ seq }) => seq)).toEqual([1, 2]);
  });

  test('lines of a post-incident workflow come without a head: the incident stays, and its seq goes on', async () => {
    const { records } = bench;
    const ids = fresh();
    const { reference } = await records.project(
      aRecordBatch({ ...ids, head: { seq: 1 }, entries: [aRecordedEntry(1)] }),
    );
    expect(
      await records.project({
        ...aRecordBatch({ ...ids, stateVersion: 2, entries: [aRecordedEntry(2)] }),
        projection: null,
      }),
    ).toEqual({
      reference,
      recurrenceOf: null,
    });
    expect(await records.incident(ids.incidentId)).toMatchObject({ reference, seq: 2, title: 'Payments are down' });
  });

  test('lines missing in front are counted; an unknown incident_id is null everywhere', async () => {
    const { records } = bench;
    const ids = fresh();
    await records.project(aRecordBatch({ ...ids, entries: [aRecordedEntry(5), aRecordedEntry(6)] }));
    expect((await records.timeline(ids.incidentId))?.cut).toBe(4);
    expect(await records.incident('nothing')).toBeNull();
    expect(await records.timeline('nothing')).toBeNull();
    expect(await records.record('nothing')).toBeNull();
    expect(await records.messages('nothing')).toEqual([]);
    expect(await records.seqOf('nothing')).toBe(0);
  });

  test('text that no database takes is written nearly as it is, and a label may have any name', async () => {
    const { records } = bench;
    const ids = fresh();
    const labels = JSON.parse('{"__proto__":"p","constructor":"c","a\\u0000":"\\ud800"}') as Record<string, string>;
    const text = `'; drop table incidents; -- \0 \ud83d ${'x'.repeat(20_000)}`;
    await records.project(
      aRecordBatch({
        ...ids,
        head: { title: 'a\0b', service: '\udc00' },
        entries: [aRecordedEntry(1, { text })],
        alerts: [aRecordedAlert('\0', { labels })],
      }),
    );
    const incident = await records.incident(ids.incidentId);
    expect(incident).toMatchObject({ title: 'a\u2400b', service: '\ufffd' });
    expect(Object.entries(incident?.alerts[0]?.labels ?? {})).toEqual([
      ['__proto__', 'p'],
      ['constructor', 'c'],
      ['a\u2400', '\ufffd'],
    ]);
    const line = (await records.timeline(ids.incidentId))?.timeline[0]?.text;
    expect(line).toBe(text.replace('\0', '\u2400').replace('\ud83d', '\ufffd'));
    expect(await records.findIncident('a\0b')).toBeNull();
  });

  test('what a call has learned is seen at once, until the incident itself says something newer', async () => {
    const { records } = bench;
    const ids = fresh();
    const shown = async () => {
      const { channel, ticket, deliveries } = (await records.incident(ids.incidentId)) ?? {};
      return { channel, ticket, keys: deliveries?.map(({ key }) => key) };
    };
    await records.projectEarly({
      incidentId: ids.incidentId,
      deliveries: [aDelivery('k1')],
      channel: '#inc-1',
      ticket: null,
    });
    await records.project(aRecordBatch({ ...ids, deliveries: [aDelivery('k1')] }));
    expect(await shown()).toEqual({ channel: '#inc-1', ticket: null, keys: ['k1'] });
    await records.projectEarly({
      incidentId: ids.incidentId,
      deliveries: [aDelivery('k2')],
      channel: null,
      ticket: 'T-1',
    });
    expect(await shown()).toEqual({ channel: '#inc-1', ticket: 'T-1', keys: ['k1', 'k2'] });
    await records.project(aRecordBatch({ ...ids, stateVersion: 2, head: { channel: '#inc-1', ticket: 'T-2' } }));
    expect(await shown()).toEqual({ channel: '#inc-1', ticket: 'T-2', keys: ['k1', 'k2'] });
    await records.projectEarly({ incidentId: ids.incidentId, deliveries: [], channel: '#renamed', ticket: null });
    expect((await shown()).channel).toBe('#renamed');
    await records.project(aRecordBatch({ ...ids, stateVersion: 3, head: { channel: '#renamed', ticket: 'T-2' } }));
    expect(await shown()).toMatchObject({ channel: '#renamed', ticket: 'T-2' });
  });
});
