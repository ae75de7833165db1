/** docker-compose.yml, held to what can be known without a container engine. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { readEnvironment } from '../../config/environment.ts';
import { compose, fillIn, mountsOf, ROOT, read, sampleValues, service, services } from './compose-file.ts';

const { version } = JSON.parse(read('package.json')) as { version: string };
const isJob = (name: string): boolean => service(name).restart.startsWith('on-failure');
const lasting = services.filter(([name]) => !isJob(name));

test('the file brings up the whole system', () => {
  expect(services.map(([name]) => name).sort()).toEqual([
    'alertmanager',
    'grafana',
    'postgres',
    'prometheus',
    'temporal',
    'temporal-namespace',
    'temporal-schema',
    'temporal-ui',
    'tocsin-server',
    'tocsin-worker',
  ]);
});

test.each(services)('%s uses no key that the format does not have', (_, given) => {
  const known =
    'build cap_drop command depends_on entrypoint environment healthcheck image init logging mem_limit networks ports ' +
    'read_only restart secrets security_opt shm_size stop_grace_period tmpfs volumes';
  expect(known.split(' ')).toEqual(expect.arrayContaining(Object.keys(given)));
});

test.each(services)('%s is pinned to a version', (_, { image, build }) => {
  if (build === undefined) expect(image).toMatch(/^[a-z/-]+:v?\d+(\.\d+)+$/);
  else expect(image).toBe(`tocsin:${version}`);
});

test('parts of Temporal that must fit each other have the same version', () => {
  const tag = (name: string): string | undefined => service(name).image.split(':')[1];
  expect(new Set(['temporal', 'temporal-schema', 'temporal-namespace'].map(tag)).size).toBe(1);
});

test.each(services)('%s mounts what exists, and cannot write to it', (_, given) => {
  for (const { source, mode } of mountsOf(given)) {
    expect({ source, exists: existsSync(join(ROOT, source)), mode }).toEqual({ source, exists: true, mode: 'ro' });
  }
});

test('volumes, networks and secrets that are used are declared, and the other way round', () => {
  const used = (pick: (given: (typeof services)[number][1]) => readonly string[]): readonly string[] =>
    [...new Set(services.flatMap(([, given]) => pick(given)))].sort();
  const volumes = used((given) => (given.volumes ?? []).map((volume) => volume.split(':')[0] ?? ''));
  expect(volumes.filter((name) => !name.startsWith('.'))).toEqual(Object.keys(compose.volumes).sort());
  expect(used(({ networks }) => networks)).toEqual(Object.keys(compose.networks).sort());
  expect(used(({ secrets }) => secrets ?? [])).toEqual(Object.keys(compose.secrets).sort());
});

test.each(services)('%s waits only for what can be waited for', (_, { depends_on = {} }) => {
  for (const [name, { condition }] of Object.entries(depends_on)) {
    if (isJob(name)) expect(condition).toBe('service_completed_successfully');
    else expect([condition, service(name).healthcheck?.test?.[0]]).toEqual(['service_healthy', 'CMD']);
  }
});

test.each(services)('%s opens nothing beyond this machine unless somebody says so', (_, { ports = [] }) => {
  for (const port of ports) expect(fillIn(port, sampleValues)).toMatch(/^127\.0\.0\.1:\d+:\d+$/);
});

test.each(lasting)('%s comes back by itself, is given time to end, and has its bounds', (_, given) => {
  expect(given.restart).toBe('unless-stopped');
  expect(Number(/^(\d+)s$/.exec(given.stop_grace_period)?.[1])).toBeGreaterThanOrEqual(30);
  expect(given.mem_limit).toMatch(/^\d+[mg]$/);
});

test('monitoring cannot reach Temporal or Postgres, which Tocsin can', () => {
  for (const name of ['prometheus', 'alertmanager', 'grafana']) expect(service(name).networks).toEqual(['monitoring']);
  for (const name of ['temporal', 'postgres']) expect(service(name).networks).toEqual(['backend']);
  for (const name of ['tocsin-server', 'tocsin-worker'])
    expect(service(name).networks).toEqual(['backend', 'monitoring']);
});

test.each(['tocsin-server', 'tocsin-worker'])('%s finds in its environment all that it insists on', (name) => {
  const env = filled(name);
  const { port, host, home, configFile, temporalAddress, namespace, secret } = readEnvironment(env);
  expect({ port, host, home, temporalAddress, namespace }).toEqual({
    port: 8080,
    host: '0.0.0.0',
    home: '/var/lib/tocsin',
    temporalAddress: 'temporal:7233',
    namespace: 'tocsin',
  });
  expect(secret).toBe(sampleValues['TOCSIN_SECRET']);
  const mounted = mountsOf(service(name)).find(({ target }) => configFile.path.startsWith(`${target}/`));
  expect(existsSync(join(ROOT, mounted?.source ?? '', 'tocsin.yaml'))).toBe(true);
  expect(service(name).volumes).toContain(`${name}:${home}`);
  const records = new URL(env['DATABASE_URL'] ?? '');
  expect([records.protocol, records.username, records.host, records.pathname]).toEqual([
    'postgres:',
    'tocsin',
    'postgres:5432',
    '/tocsin',
  ]);
});

test('server and worker are told the same, but for where they listen', () => {
  const { HOST, PORT, TOCSIN_ADMIN_TOKEN, ...rest } = filled('tocsin-server');
  expect([HOST, PORT, TOCSIN_ADMIN_TOKEN]).toEqual(['0.0.0.0', '8080', sampleValues['TOCSIN_ADMIN_TOKEN']]);
  expect(filled('tocsin-worker')).toEqual({ ...rest, HOST, TOCSIN_METRICS_PORT: '9464' });
});

function filled(name: string): Record<string, string> {
  const given = Object.entries(service(name).environment ?? {});
  return Object.fromEntries(given.map(([key, text]) => [key, fillIn(text, sampleValues)]));
}
