/** No secret in the files; a script makes them. */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { compose, generated, read, ROOT, services, variables } from './compose-file.ts';

const SECRET = /SECRET|PASSWORD|PWD|TOKEN|KEY/;

test('what is secret has no value in the file, and a message for who forgot it', () => {
  const secret = services.flatMap(([name, { environment = {} }]) =>
    Object.entries(environment)
      .filter(([key]) => SECRET.test(key))
      .map(([key, value]) => ({ at: `${name} ${key}`, value })),
  );
  expect(secret.length).toBeGreaterThan(12);
  for (const { at, value } of secret) expect(`${at}: ${value}`).toMatch(/: \$\{[A-Z_]+:\?[^}]+\}$/);
  expect(variables.filter(({ name, kind }) => SECRET.test(name) && kind !== 'required')).toEqual([]);
  expect(variables.filter(({ kind }) => kind === 'bare')).toEqual([]);
});

test('what is required is what the script makes', () => {
  const required = new Set(variables.filter(({ kind }) => kind === 'required').map(({ name }) => name));
  expect([...required].sort()).toEqual([...generated].sort());
  for (const { environment } of Object.values(compose.secrets)) expect(generated).toContain(environment);
});

test('what may be set is described where the rest is', () => {
  const described = [...read('deploy/.env.example').matchAll(/^# ([A-Z_]+)=/gm)].map(([, name]) => name);
  const optional = new Set(variables.filter(({ kind }) => kind === 'optional').map(({ name }) => name));
  expect([...optional].sort()).toEqual(described.sort());
});

test('neither version control nor the image takes the file with the secrets', () => {
  expect(read('.gitignore').split('\n')).toContain('.env');
  expect(read('.dockerignore').split('\n')).toContain('.env');
});

describe('deploy/make-env.sh', () => {
  let dir = '';
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'make-env-'));
    cpSync(join(ROOT, 'deploy'), join(dir, 'deploy'), { recursive: true });
  });
  afterEach(() => rmSync(dir, { recursive: true }));
  const file = (): string => join(dir, '.env');
  const make = (): string => execFileSync('sh', [join(dir, 'deploy/make-env.sh')], { encoding: 'utf8' });
  const values = (): Record<string, string> =>
    Object.fromEntries(
      [...readFileSync(file(), 'utf8').matchAll(/^([A-Z_]+)=(.*)$/gm)].map(([, k = '', v = '']) => [k, v]),
    );

  test('gives every secret a random value of its own, for its owner to read and nobody else', () => {
    make();
    expect(Object.keys(values()).sort()).toEqual([...generated].sort());
    for (const value of Object.values(values())) expect(value).toMatch(/^[0-9a-f]{64}$/);
    expect(new Set(Object.values(values())).size).toBe(generated.length);
    expect(statSync(file()).mode & 0o777).toBe(0o600);
  });

  test('keeps what is there, and adds what is missing', () => {
    writeFileSync(file(), 'GRAFANA_TOKEN=mine\nTOCSIN_SECRET=\nTOCSIN_PUBLIC_URL=https://tocsin.example.com');
    expect(make()).toContain(`${generated.length - 1} values added`);
    const first = readFileSync(file(), 'utf8');
    expect(values()).toMatchObject({ GRAFANA_TOKEN: 'mine', TOCSIN_PUBLIC_URL: 'https://tocsin.example.com' });
    expect(values()['TOCSIN_SECRET']).toMatch(/^[0-9a-f]{64}$/);
    expect(make()).toContain('0 values added');
    expect(readFileSync(file(), 'utf8')).toBe(first);
  });

  test('no two machines get the same', () => {
    make();
    const first = values();
    rmSync(file());
    make();
    for (const name of generated) expect(values()[name]).not.toBe(first[name]);
  });
});
