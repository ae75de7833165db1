/** Which run knows which alert, on every database. */
import type { OwnedAlert } from '../../domain/kernel/projection.ts';
import { aRecordBatch, aRecordedAlert, anIncidentId, NOON } from './record-builders.ts';
import { DATABASES, type RecordsFixture } from './test-databases.ts';

const HOUR = 3_600_000;

function anOwnedAlert(fingerprint: string, over: Partial<OwnedAlert> = {}): OwnedAlert {
  const times = { startsAt: NOON, endsAt: null, lingersUntil: Date.now() + HOUR };
  return { fingerprint, source: 'alertmanager', firing: true, ...times, stateVersion: 1, ...over };
}

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: RecordsFixture;
  let last = 0;
  const fresh = () => ({ incidentId: anIncidentId((last += 1)), workflowId: `inc-p-${last}` });
  /** A fingerprint of its own for each test. */
  const named = () => `f-${(last += 1)}`;
  beforeAll(async () => (bench = await open()), 60_000);
  afterAll(() => bench.stop(), 30_000);

  const project = (batch: Parameters<typeof aRecordBatch>[0]) => bench.records.project(aRecordBatch(batch));
  const ownersOf = async (fingerprints: readonly string[], messageGroup: string | null = null, source?: string) => {
    const query = { source: source ?? 'alertmanager', fingerprints, messageGroup };
    // A busy machine may take more than the 200 ms of a look-up.
    const look = (): ReturnType<typeof bench.records.findAlertOwners> => bench.records.findAlertOwners(query);
    const owners = await look().catch(look).catch(look);
    return owners.map(({ fingerprint, workflowId }) => `${fingerprint} ${workflowId}`);
  };

  test('an alert is found by source and fingerprint, one without labels too; nothing else is', async () => {
    const ids = fresh();
    const [one, two] = [named(), named()];
    await project({ ...ids, alerts: [aRecordedAlert(one)], ownedAlerts: [one, two].map((name) => anOwnedAlert(name)) });
    expect(await ownersOf([one, two, named()])).toEqual([`${one} ${ids.workflowId}`, `${two} ${ids.workflowId}`]);
    expect(await ownersOf([one], null, 'grafana')).toEqual([]);
    expect(await ownersOf([])).toEqual([]);
  });

  test('a message group finds every alert that it lists, whatever their names', async () => {
    const ids = fresh();
    const [one, two, three] = [named(), named(), named()];
    const [group, other] = [`g-${last}`, `o-${last}`];
    await project({
      ...ids,
      ownedAlerts: [
        anOwnedAlert(one, { messageGroups: [other, group] }),
        anOwnedAlert(two, { messageGroups: [group] }),
        anOwnedAlert(three, { messageGroups: [other] }),
      ],
    });
    expect(await ownersOf([], group)).toEqual([`${one} ${ids.workflowId}`, `${two} ${ids.workflowId}`]);
    expect(await ownersOf([three], group)).toHaveLength(3);
    expect(await ownersOf([], group, 'grafana')).toEqual([]);
    await project({ ...ids, stateVersion: 2, ownedAlerts: [anOwnedAlert(one, { stateVersion: 2 })] });
    expect(await ownersOf([], group)).toEqual([`${two} ${ids.workflowId}`]);
  });

  test('everything that is known now comes with its source and groups, and no more of it than was asked for', async () => {
    const [open, over] = [fresh(), fresh()];
    const [one, two] = [named(), named()];
    const groups = { messageGroups: ['g', 'h'], name: 'Down' };
    await project({ ...open, ownedAlerts: [anOwnedAlert(one, { ...groups, source: 'grafana' })] });
    await project({ ...over, ownedAlerts: [anOwnedAlert(two, { firing: false, lingersUntil: Date.now() - 1 })] });
    const look = (limit: number): ReturnType<typeof bench.records.allAlertOwners> =>
      bench.records.allAlertOwners(limit);
    const all = await look(1_000).catch(() => look(1_000));
    expect(all.filter(({ fingerprint }) => fingerprint === one || fingerprint === two)).toEqual([
      { ...groups, source: 'grafana', fingerprint: one, workflowId: open.workflowId },
    ]);
    expect(await look(1).catch(() => look(1))).toHaveLength(1);
  });

  test('each alert only moves forward, by the version of its own change', async () => {
    const ids = fresh();
    const name = named();
    const ended = anOwnedAlert(name, { firing: false, lingersUntil: 0, stateVersion: 5 });
    await project({ ...ids, stateVersion: 9, ownedAlerts: [ended] });
    await project({ ...ids, stateVersion: 10, ownedAlerts: [anOwnedAlert(name, { stateVersion: 4 })] });
    expect(await ownersOf([name])).toEqual([]);
    await project({ ...ids, stateVersion: 6, ownedAlerts: [ended, anOwnedAlert(name, { stateVersion: 6 })] });
    expect(await ownersOf([name])).toEqual([`${name} ${ids.workflowId}`]);
  });

  test('where it fires comes first; where it has ended counts for ten minutes', async () => {
    const [over, open, gone] = [fresh(), fresh(), fresh()];
    const name = named();
    await project({ ...over, ownedAlerts: [anOwnedAlert(name, { firing: false })] });
    await project({ ...open, ownedAlerts: [anOwnedAlert(name)] });
    await project({
      ...gone,
      ownedAlerts: [anOwnedAlert(name, { firing: false, lingersUntil: Date.now() - 1 })],
    });
    expect(await ownersOf([name])).toEqual([`${name} ${open.workflowId}`, `${name} ${over.workflowId}`]);
  });

  test('a firing alert belongs to an open incident for good, and to one that is over while its run lingers', async () => {
    const [open, lingering, over] = [fresh(), fresh(), fresh()];
    const name = named();
    const long = anOwnedAlert(name, { lingersUntil: Date.now() - HOUR });
    await project({ ...open, ownedAlerts: [long] });
    await project({ ...lingering, head: { phase: 'resolved' }, ownedAlerts: [anOwnedAlert(name)] });
    await project({ ...over, head: { phase: 'resolved' }, ownedAlerts: [long] });
    expect(await ownersOf([name])).toEqual([`${name} ${open.workflowId}`, `${name} ${lingering.workflowId}`]);
  });

  test('an alert that another incident has now is not found any more, though an older batch comes late', async () => {
    const ids = fresh();
    const name = named();
    await project({ ...ids, stateVersion: 3, removedAlerts: [name] });
    await project({ ...ids, stateVersion: 2, ownedAlerts: [anOwnedAlert(name, { stateVersion: 2 })] });
    expect(await ownersOf([name])).toEqual([]);
  });

  test('a batch of an earlier version says it by its alerts with labels', async () => {
    const ids = fresh();
    const [one, two] = [named(), named()];
    await project({ ...ids, alerts: [aRecordedAlert(one), aRecordedAlert(two, { status: 'resolved' })] });
    expect(await ownersOf([one, two])).toEqual([`${one} ${ids.workflowId}`]);
  });

  test('an alert whose labels are not kept any longer has them in the record, and ends and fires there as well', async () => {
    const ids = fresh();
    const name = named();
    const change = (stateVersion: number, over: Partial<OwnedAlert>) =>
      project({ ...ids, stateVersion, ownedAlerts: [anOwnedAlert(name, { stateVersion, ...over })] });
    const recorded = async () => (await bench.records.incident(ids.incidentId))?.alerts;
    const first = aRecordedAlert(name);
    await project({ ...ids, alerts: [first], ownedAlerts: [anOwnedAlert(name)] });
    await change(3, { firing: false, endsAt: NOON + 5 });
    const ended = { ...first, status: 'resolved', endsAt: new Date(NOON + 5).toISOString() };
    expect(await recorded()).toEqual([ended]);
    await change(2, { startsAt: NOON + 1 });
    await change(4, { firing: false });
    expect(await recorded()).toEqual([ended]);
    await change(5, { startsAt: NOON + 9 });
    expect(await recorded()).toEqual([{ ...first, startsAt: new Date(NOON + 9).toISOString() }]);
  });

  test('the same alert in two firings of one run is one owner', async () => {
    const [first, second] = [fresh(), fresh()];
    const name = named();
    await project({ ...first, head: { phase: 'resolved' }, ownedAlerts: [anOwnedAlert(name, { firing: false })] });
    await project({ ...second, workflowId: first.workflowId, ownedAlerts: [anOwnedAlert(name)] });
    expect(await ownersOf([name])).toEqual([`${name} ${first.workflowId}`]);
  });

  test('thousands of names are one look-up, and the first 2,000 count', async () => {
    const ids = fresh();
    const names = Array.from({ length: 2_001 }, (_, n) => `many-${String(n).padStart(4, '0')}`);
    await project({ ...ids, ownedAlerts: names.map((name) => anOwnedAlert(name)) });
    expect(await ownersOf(names.toReversed())).toHaveLength(2_000);
    expect(await ownersOf(names.slice(2_000))).toHaveLength(1);
  });

  test('names that no database takes are cleaned on both sides', async () => {
    const ids = fresh();
    await project({ ...ids, ownedAlerts: [anOwnedAlert('a \0 "b", {c}', { messageGroups: ['"g", {\\}'] })] });
    expect(await ownersOf(['a \0 "b", {c}'])).toEqual([`a \u2400 "b", {c} ${ids.workflowId}`]);
    expect(await ownersOf([], '"g", {\\}')).toHaveLength(1);
  });

  test('closing an incident drops what was over a day before, and keeps what still fires in an open one', async () => {
    const [old, open, closing] = [fresh(), fresh(), fresh()];
    const [ended, firing] = [named(), named()];
    const lingersUntil = Date.now() - 25 * HOUR;
    await project({
      ...old,
      ownedAlerts: [anOwnedAlert(ended, { firing: false, lingersUntil, stateVersion: 7 })],
    });
    await project({ ...open, ownedAlerts: [anOwnedAlert(firing, { lingersUntil })] });
    const again = { ...old, stateVersion: 2, ownedAlerts: [anOwnedAlert(ended, { stateVersion: 2 })] };
    await project(again);
    expect(await ownersOf([ended])).toEqual([]);
    await project({ ...closing, head: { phase: 'closed' } });
    expect(await ownersOf([firing])).toHaveLength(1);
    // Its row is gone, so the old version is news.
    await project(again);
    expect(await ownersOf([ended])).toHaveLength(1);
  });

  test('a rebuild begins without owners', async () => {
    const ids = fresh();
    const name = named();
    const batch = { ...ids, ownedAlerts: [anOwnedAlert(name)] };
    await project(batch);
    await bench.records.wipeDerived();
    expect(await ownersOf([name])).toEqual([]);
    await project(batch);
    expect(await ownersOf([name])).toHaveLength(1);
  });
});
