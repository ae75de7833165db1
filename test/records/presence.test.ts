/** Servers that share a database count each other. */
import { DATABASES, type Bench } from './databases.ts';

describe.each(DATABASES)('$name', ({ open }) => {
  let bench: Bench;
  beforeAll(async () => (bench = await open()), 60_000);
  afterAll(() => bench.stop(), 30_000);

  test('a server counts itself and everyone heard of within the minute; the same one again is no other', async () => {
    const { records } = bench;
    expect(await records.announce('one /srv')).toBe(1);
    expect(await records.announce('two /srv')).toBe(2);
    expect(await records.announce('one /srv')).toBe(2);
    await records.wipeDerived();
    expect(await records.announce('one \0 /srv')).toBe(3);
  });
});
