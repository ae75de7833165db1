/** Incidents in which the same alert fires, on every database: whoever is written last is told. */
import type { IncidentProjection } from '../../domain/engine/projection.ts';
import type { OwnedAlert, ProjectionAnswer } from '../../domain/kernel/projection.ts';
import { aRecordBatch, anIncidentId, NOON } from './record-builders.ts';
import { DATABASES, type RecordsFixture } from './test-databases.ts';

const agesOf = ({ duplicates = [] }: ProjectionAnswer) =>
  duplicates.map(({ incidentId, isOlder }) => [incidentId, isOlder]);

interface Story {
  readonly incidentId: string;
  readonly workflowId: string;
  readonly fingerprint: string;
  readonly declaredAt: number;
  readonly version: number;
}

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: RecordsFixture;
  let last = 0;
  beforeAll(async () => (bench = await open()), 60_000);
  afterAll(() => bench.stop(), 30_000);

  /** So many incidents, a minute apart, with one alert of their own test. */
  function incidents(count: number): readonly Story[] {
    const fingerprint = `f-${(last += 1)}`;
    return Array.from({ length: count }, (_, i) => {
      last += 1;
      const declaredAt = NOON + i * 60_000;
      return { incidentId: anIncidentId(last), workflowId: `inc-p-${last}`, fingerprint, declaredAt, version: 1 };
    });
  }
  const project = (
    { incidentId, workflowId, fingerprint, declaredAt, version }: Story,
    head: Partial<IncidentProjection> = {},
    alert: Partial<OwnedAlert> = {},
    takesDuplicates = true,
  ) => {
    const times = { startsAt: NOON, endsAt: null, lingersUntil: NOON, stateVersion: version };
    return bench.records.project(
      aRecordBatch({
        ...{ incidentId, workflowId, stateVersion: version },
        head: { ...head, declaredAt: new Date(declaredAt).toISOString() },
        ownedAlerts: [{ fingerprint, source: 'alertmanager', firing: true, ...times, ...alert }],
        ...(takesDuplicates ? { takesDuplicates } : {}),
      }),
    );
  };

  test('one fingerprint under two names is two alerts', async () => {
    const [older, younger] = incidents(2) as [Story, Story];
    await project(older, {}, { name: 'LinkDown' });
    expect((await project(younger, {}, { name: 'DiskFull' })).duplicates).toBeUndefined();
    const same = await project({ ...younger, version: 2 }, {}, { name: 'LinkDown' });
    expect(agesOf(same)).toEqual([[older.incidentId, true]]);
    const query = { source: 'alertmanager', fingerprints: [older.fingerprint], messageGroup: null };
    expect(await bench.records.findAlertOwners(query)).toContainEqual({
      ...{ fingerprint: older.fingerprint, workflowId: older.workflowId, name: 'LinkDown' },
    });
  });

  test('the younger is told of the older, and the older of the younger, whichever comes last', async () => {
    const [older, younger] = incidents(2) as [Story, Story];
    const first = await project(older);
    expect(first.duplicates).toBeUndefined();
    const { fingerprint } = older;
    const second = await project(younger);
    const { workflowId, incidentId } = older;
    expect(second.duplicates).toEqual([
      { workflowId, incidentId, reference: first.reference, fingerprint, isOlder: true },
    ]);
    const again = await project({ ...older, version: 2 });
    expect(again.duplicates).toMatchObject([
      { workflowId: younger.workflowId, incidentId: younger.incidentId, reference: second.reference, isOlder: false },
    ]);
  });

  test('of three, the oldest comes first; declared at once, the id decides', async () => {
    const [oldest, middle, youngest] = incidents(3) as [Story, Story, Story];
    await project(oldest);
    const second = { ...middle, declaredAt: oldest.declaredAt };
    await project(second);
    expect(agesOf(await project(youngest))).toEqual([
      [oldest.incidentId, true],
      [middle.incidentId, true],
    ]);
    expect(agesOf(await project({ ...second, version: 2 }))).toEqual([
      [oldest.incidentId, true],
      [youngest.incidentId, false],
    ]);
    expect(agesOf(await project({ ...oldest, version: 2 }))).toEqual([
      [middle.incidentId, false],
      [youngest.incidentId, false],
    ]);
  });

  test('written at the same moment, at least one of the two is told', async () => {
    for (let round = 0; round < 10; round += 1) {
      const both = incidents(2);
      const answers = await Promise.all(both.map((story) => project(story)));
      expect(answers.filter(({ duplicates }) => duplicates)).not.toEqual([]);
    }
  });

  test.each<readonly [string, Partial<IncidentProjection>, Partial<OwnedAlert>, boolean]>([
    ['of another team', { team: 'shop' }, {}, true],
    ['that is restricted while this one is not', { restricted: true }, {}, true],
    ['that is over', { phase: 'resolved' }, {}, true],
    ['that is a test, a storm or being merged', {}, {}, false],
    ['where the alert has ended', {}, { firing: false }, true],
    ['where a person ignored the alert', {}, { ignored: true }, true],
    ['whose alert is another source’s', {}, { source: 'grafana' }, true],
  ])('one %s is no duplicate', async (_, head, alert, takesDuplicates) => {
    const [other, own] = incidents(2) as [Story, Story];
    await project(other, head, alert, takesDuplicates);
    const answer = await project(own);
    expect(answer.duplicates).toBeUndefined();
    await project({ ...other, version: 2 });
    expect(agesOf(await project({ ...own, version: 2 }))).toEqual([[other.incidentId, true]]);
  });

  test('two restricted ones of a team are duplicates; one that takes none is told of none', async () => {
    const [older, younger] = incidents(2) as [Story, Story];
    await project(older, { restricted: true });
    expect(agesOf(await project(younger, { restricted: true }))).toEqual([[older.incidentId, true]]);
    expect((await project({ ...younger, version: 2 }, { restricted: true }, {}, false)).duplicates).toBeUndefined();
  });

  test('an earlier incident of the same run is none', async () => {
    const [before, now] = incidents(2) as [Story, Story];
    await project(before);
    expect((await project({ ...now, workflowId: before.workflowId })).duplicates).toBeUndefined();
  });
});
