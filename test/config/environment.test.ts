import { isLoopback, readEnvironment } from '../../config/environment.ts';

test('without any variable: the documented defaults', () => {
  expect(readEnvironment({})).toMatchObject({
    port: 8080,
    host: '127.0.0.1',
    home: expect.stringMatching(/\/\.tocsin$/),
    configFile: { path: expect.stringMatching(/\/tocsin\.yaml$/), given: false },
    temporalPort: 7233,
    temporalUiPort: 8233,
    temporalAddress: null,
    namespace: 'default',
    databaseUrl: null,
    metricsPort: null,
  });
});

test('a worker serves its metrics only where it is told to', () => {
  expect(readEnvironment({ TOCSIN_METRICS_PORT: '9464' }).metricsPort).toBe(9464);
  expect(() => readEnvironment({ TOCSIN_METRICS_PORT: 'x' })).toThrow(/TOCSIN_METRICS_PORT/);
});

test('an empty value counts as unset', () => {
  expect(readEnvironment({ PORT: '', TEMPORAL_ADDRESS: '', TOCSIN_SECRET: '' })).toMatchObject({
    port: 8080,
    temporalAddress: null,
    secret: null,
  });
});

test.each(['x', '-1', '65536', '80.5', '1e3', ' 80'])('PORT=%s is refused with 78', (value) => {
  expect(() => readEnvironment({ PORT: value })).toThrow(expect.objectContaining({ exitCode: 78 }));
});

test.each([
  ['postgres://tocsin:p%23w@db.example:5432/tocsin'],
  ['postgresql://db/tocsin'],
  ['postgresql:///tocsin?host=/run/postgresql'],
])('DATABASE_URL=%s is taken', (value) => {
  expect(readEnvironment({ DATABASE_URL: value }).databaseUrl).toBe(value);
});

test.each([
  ['mysql://u:hunter2@db/x', 'is no address of a Postgres: write postgres://user:password@host:5432/name'],
  ['db.example:5432 hunter2', 'is no address of a Postgres: write postgres://user:password@host:5432/name'],
  ['postgres://u:hunter2#@db/x', 'cannot be read: write # / ? @ and : of its password as %23 %2F %3F %40 and %3A'],
])('DATABASE_URL=%s is refused with 78, and no word of it is repeated', (value, said) => {
  const message = `DATABASE_URL ${said}`;
  expect(() => readEnvironment({ DATABASE_URL: value })).toThrow(expect.objectContaining({ exitCode: 78, message }));
});

test('every mistake is named at once', () => {
  expect(() => readEnvironment({ PORT: 'a', TOCSIN_TEMPORAL_PORT: 'b' })).toThrow(/PORT.*\n.*TOCSIN_TEMPORAL_PORT/);
});

test.each([
  ['127.0.0.1', true],
  ['localhost', true],
  ['::1', true],
  ['0.0.0.0', false],
  ['127.0.0.1.example.com', false],
])('only this machine reaches %s: %s', (host, expected) => {
  expect(isLoopback(host)).toBe(expected);
});
