/** The script that Postgres runs at its first start, run by a real one. */
import { execFileSync, spawnSync } from 'node:child_process';
import { chownSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { areInstalled } from '../support/if-installed.ts';
import { mountsOf, ROOT, service } from './compose-file.ts';

const NOBODY = 65_534;
/** Postgres refuses to be run by root. */
const user = process.getuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
const PASSWORDS = { TEMPORAL_DB_PASSWORD: `it's "quoted" $1 \\`, TOCSIN_DB_PASSWORD: 'a'.repeat(64) };
const [script] = mountsOf(service('postgres')).map(({ source }) => join(ROOT, source, '10-databases.sh'));

(areInstalled(['initdb', 'pg_ctl', 'psql']) ? describe : describe.skip)('the databases', () => {
  let dir = '';
  const run = (program: string, args: readonly string[], more: Record<string, string> = {}): string => {
    const env = { PATH: process.env['PATH'], LC_ALL: 'C', PGHOST: dir, PGUSER: 'postgres', ...more };
    return execFileSync(program, args, { cwd: dir, env, encoding: 'utf8', stdio: ['ignore', 'pipe', 'pipe'], ...user });
  };
  const query = (as: string, database: string, sql: string): string =>
    run('psql', ['-X', '-A', '-t', '-v', 'ON_ERROR_STOP=1', '-U', as, '-d', database, '-c', sql]).trim();

  beforeAll(() => {
    dir = mkdtempSync(join(tmpdir(), 'pg-'));
    if ('uid' in user) chownSync(dir, NOBODY, NOBODY);
    run('initdb', ['-D', join(dir, 'data'), '-U', 'postgres', '--auth=trust', '--no-sync', '-E', 'UTF8']);
    const options = `-k ${dir} -c listen_addresses='' -c fsync=off`;
    const log = join(dir, 'log');
    // Its output must not be a pipe of ours, which the server would keep open.
    const args = ['-D', join(dir, 'data'), '-w', '-l', log, '-o', options, 'start'];
    spawnSync('pg_ctl', args, {
      cwd: dir,
      env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C' },
      stdio: 'ignore',
      ...user,
    });
    run('bash', [script ?? ''], { ...PASSWORDS, POSTGRES_USER: 'postgres' });
  }, 60_000);
  afterAll(() => {
    run('pg_ctl', ['-D', join(dir, 'data'), '-m', 'immediate', 'stop']);
    rmSync(dir, { recursive: true });
  });

  test.each([
    ['temporal', 'temporal'],
    ['temporal', 'temporal_visibility'],
    ['tocsin', 'tocsin'],
  ])('%s may do as it likes in %s', (name, database) => {
    expect(query(name, database, 'CREATE TABLE a (b int); SELECT count(*) FROM a')).toContain('0');
  });

  test.each([
    ['temporal', 'tocsin'],
    ['tocsin', 'temporal'],
    ['tocsin', 'temporal_visibility'],
    ['tocsin', 'postgres'],
  ])('%s cannot even connect to %s', (name, database) => {
    expect(() => query(name, database, 'SELECT 1')).toThrow('permission denied for database');
  });

  test('neither is more than a user, and both have a password', () => {
    const sql = `SELECT rolname, rolsuper OR rolcreatedb OR rolcreaterole, rolpassword LIKE 'SCRAM-SHA-256$%'
      FROM pg_authid WHERE rolname IN ('temporal', 'tocsin') ORDER BY 1`;
    expect(query('postgres', 'postgres', sql).split('\n')).toEqual(['temporal|f|t', 'tocsin|f|t']);
  });
});
