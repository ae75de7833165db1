/** A process that runs alone: what it insists on, how it is stopped, and that it never drains for ever. */
import { prepareStandaloneProcess } from '../../config/standalone-process.ts';
import { finishesWithin, untilStopSignal, wasStartedByNpm } from '../../runtime/process.ts';

const ENV = {
  TEMPORAL_ADDRESS: '127.0.0.1:7233',
  TOCSIN_SECRET: 'a-secret-of-some-length',
  DATABASE_URL: 'postgres://tocsin:pw@127.0.0.1:5432/tocsin',
  TOCSIN_SOURCE_TOKEN: 'a-token-of-some-length',
  TOCSIN_LOG_LEVEL: 'silent',
};

test('with everything it needs it knows where Temporal and the records are', () => {
  const { temporal, secret, databaseUrl, config } = prepareStandaloneProcess({ ...ENV, TEMPORAL_NAMESPACE: 'ops' });
  expect(temporal).toMatchObject({ address: '127.0.0.1:7233', namespace: 'ops' });
  expect(secret).toBe(ENV.TOCSIN_SECRET);
  expect(databaseUrl).toBe(ENV.DATABASE_URL);
  expect(config.teams.size).toBeGreaterThan(0);
});

const failureOf = (attempt: () => unknown): unknown => {
  try {
    return attempt();
  } catch (error) {
    return error;
  }
};

test('without Temporal, the secret and the database it exits 78 and names all three, beside what is wrong', () => {
  const env = { ...ENV, TEMPORAL_ADDRESS: undefined, TOCSIN_SECRET: '', DATABASE_URL: '', PORT: 'x' };
  const failure = failureOf(() => prepareStandaloneProcess(env));
  expect(failure).toMatchObject({ exitCode: 78, message: expect.stringMatching(/PORT[^]*TEMPORAL_ADDRESS/) });
  expect(failure).toMatchObject({
    message: expect.stringMatching(/TEMPORAL_ADDRESS[^]*TOCSIN_SECRET[^]*DATABASE_URL/),
  });
});

test.each(['TEMPORAL_ADDRESS', 'TOCSIN_SECRET', 'DATABASE_URL'])(
  'without %s alone it exits 78 and names it',
  (name) => {
    const failure = failureOf(() => prepareStandaloneProcess({ ...ENV, [name]: undefined }));
    expect(failure).toMatchObject({ exitCode: 78, message: expect.stringMatching(new RegExp(`^${name} is not set`)) });
  },
);

test('a database address that will not do is said once, without its password', () => {
  const failure = failureOf(() =>
    prepareStandaloneProcess({ ...ENV, DATABASE_URL: 'mysql://tocsin:hunter2@db/tocsin' }),
  );
  expect(failure).toMatchObject({ exitCode: 78, message: expect.stringMatching(/^DATABASE_URL is no address/) });
  expect(String((failure as Error).message)).not.toMatch(/hunter2|is not set/);
});

test('a broken configuration, or profile of Temporal, is exit code 78 as well', () => {
  const file = () => prepareStandaloneProcess({ ...ENV, TOCSIN_CONFIG: '/nonexistent/tocsin.yaml' });
  expect(file).toThrow(
    expect.objectContaining({ exitCode: 78, message: expect.stringContaining('/nonexistent/tocsin.yaml') }),
  );
  const profile = () => prepareStandaloneProcess({ ...ENV, TEMPORAL_PROFILE: 'nobody-made-this' });
  expect(profile).toThrow(expect.objectContaining({ exitCode: 78 }));
});

test('the first SIGTERM asks it to stop, and a second does not kill it', async () => {
  const before = process.listenerCount('SIGTERM');
  const stopped = untilStopSignal();
  process.emit('SIGTERM', 'SIGTERM');
  expect(await stopped).toBe('SIGTERM');
  expect(process.listenerCount('SIGTERM')).toBe(before + 1);
  process.emit('SIGTERM', 'SIGTERM');
  process.removeAllListeners('SIGTERM').removeAllListeners('SIGINT');
});

test.each([
  [{}, false],
  [{ npm_command: 'exec', npm_lifecycle_script: 'tocsin' }, true],
  [{ npm_command: 'run', npm_lifecycle_script: 'exec node bin/tocsin.js up' }, true],
  [{ npm_command: 'exec', npm_lifecycle_script: 'bash' }, false],
  [{ npm_command: 'test', npm_lifecycle_script: 'node scripts/test.js' }, false],
  [{ npm_lifecycle_script: 'tocsin' }, false],
])('with %j in the environment, npm started it: %s', (env, expected) => {
  expect(wasStartedByNpm(env)).toBe(expected);
});

test('draining is waited for, but not for ever', async () => {
  expect(await finishesWithin(Promise.resolve())).toBe(true);
  expect(await finishesWithin(new Promise(() => undefined), 20)).toBe(false);
  await expect(finishesWithin(Promise.reject(new Error('broken')))).rejects.toThrow('broken');
});
