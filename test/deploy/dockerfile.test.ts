/** The Dockerfile, instruction by instruction. That the result runs is in image.test.ts. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { read, ROOT, service } from './compose-file.ts';
import { environmentOf, parseDockerfile, stagesOf, texts } from './dockerfile.ts';

const all = parseDockerfile(read('Dockerfile'));
const [build = [], final = []] = stagesOf(all);
const env = environmentOf(final);

test('what compiles stays out of what runs, and both are on the same pinned Node with glibc', () => {
  expect(stagesOf(all)).toHaveLength(2);
  expect(texts(all, 'FROM')).toEqual(['${NODE_IMAGE} AS build', '${NODE_IMAGE}']);
  const [, major, minor, patch] =
    /^NODE_IMAGE=node:(\d+)\.(\d+)\.(\d+)-bookworm-slim$/.exec(texts(all, 'ARG')[0] ?? '') ?? [];
  expect(major).toBe('24');
  // Older ones of this line can be taken over by a compressed body.
  expect(Number(minor) * 1000 + Number(patch)).toBeGreaterThanOrEqual(22_001);
  expect(texts(final, 'RUN')).toEqual(['install -d -o node -g node -m 0750 /var/lib/tocsin']);
});

test('packages are installed from the lock file before the sources come, so that a change of them is cheap', () => {
  const names = build.map(({ name, text }) => `${name} ${text}`);
  const at = (start: string): number => names.findIndex((line) => line.startsWith(start));
  expect(at('COPY package.json package-lock.json')).toBeLessThan(at('RUN npm ci --omit=dev'));
  expect(at('RUN npm ci --omit=dev')).toBeLessThan(at('COPY . .'));
  expect(at('COPY . .')).toBeLessThan(at('RUN npm run build'));
  expect(at('COPY package.json package-lock.json')).toBeGreaterThan(0);
});

test('every file that is copied from outside exists and is not ignored', () => {
  const ignored = read('.dockerignore').split('\n');
  const outside = [...texts(build, 'COPY'), ...texts(final, 'COPY')].filter((text) => !text.startsWith('--from='));
  const sources = outside.flatMap((text) => text.split(' ').slice(0, -1));
  expect(sources).toContain('bin');
  for (const file of sources)
    expect([file, existsSync(join(ROOT, file)), ignored.includes(file)]).toEqual([file, true, false]);
});

test('the context holds no secrets, no state, no history and no packages of this machine', () => {
  const ignored = read('.dockerignore').split('\n');
  expect(ignored).toEqual(expect.arrayContaining(['node_modules', '.git', '.tocsin', '.env', 'test', 'dist']));
});

test('it runs as a user who owns nothing but the state', () => {
  const names = final.map(({ name }) => name);
  expect(texts(final, 'USER')).toEqual(['node']);
  expect(names.lastIndexOf('COPY')).toBeLessThan(names.indexOf('USER'));
  expect(read('Dockerfile')).not.toContain('--chown');
  expect(texts(final, 'VOLUME')).toEqual([env['TOCSIN_HOME']]);
});

test('it uses what was compiled, and listens where others reach it', () => {
  expect(env).toEqual({
    NODE_ENV: 'production',
    TOCSIN_DIST: '/app/dist',
    TOCSIN_HOME: '/var/lib/tocsin',
    HOST: '0.0.0.0',
    PORT: '8080',
  });
  expect(texts(final, 'COPY')).toContain('--from=build /app/dist dist');
  expect(texts(final, 'ENTRYPOINT')).toEqual(['["node", "bin/tocsin.js"]']);
});

test('compose says which part each container is', () => {
  expect(service('tocsin-server').command).toEqual(['server']);
  expect(service('tocsin-worker').command).toEqual(['worker']);
  expect(service('tocsin-server').healthcheck).toBeUndefined(); // the image's own
  expect(service('tocsin-worker').healthcheck).toEqual({ disable: true });
});
