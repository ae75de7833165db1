/** Servers that share a database count each other. */
import { DATABASES, type RecordsFixture } from './test-databases.ts';

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: RecordsFixture;
  beforeAll(async () => (bench = await open()), 60_000);
  afterAll(() => bench.stop(), 30_000);

  test('a server counts itself and everyone heard of within the minute; the same one again is no other', async () => {
    const { records } = bench;
    expect(await records.registerServer('one /srv')).toBe(1);
    expect(await records.registerServer('two /srv')).toBe(2);
    expect(await records.registerServer('one /srv')).toBe(2);
    await records.wipeDerived();
    expect(await records.registerServer('one \0 /srv')).toBe(3);
  });
});
