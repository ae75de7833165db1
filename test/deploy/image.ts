/**
 * The Dockerfile's steps without an engine: the same files, the packages that `npm ci --omit=dev` installs, the same
 * build, and a final tree that belongs to somebody else. Linux only in what it proves; `RUN` of the base image is not.
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { read, ROOT } from './compose-file.ts';
import { parseDockerfile, stagesOf, texts } from './dockerfile.ts';

/** Makes `dir/build` as the first stage, `dir/app` as the last one's /app. Returns the path of the latter. */
export function makeImage(dir: string): string {
  const [build = [], final = []] = stagesOf(parseDockerfile(read('Dockerfile')));
  const stage = join(dir, 'build');
  const app = join(dir, 'app');
  mkdirSync(app, { recursive: true });
  copyContext(stage);
  installWithoutDev(stage);
  const [script = ''] = texts(build, 'RUN').filter((text) => text.startsWith('npm run '));
  execFileSync('npm', script.split(' ').slice(1), { cwd: stage, stdio: 'pipe', env: { ...process.env, CI: '' } });
  for (const text of texts(final, 'COPY')) {
    const words = text.split(' ');
    const [source = '', target = ''] = words.slice(-2);
    // What was built is moved: copying every package twice would take half of the time.
    if (text.startsWith('--from=build')) renameSync(source.replace('/app', stage), join(app, target));
    else cpSync(join(stage, source), join(app, target === './' ? source : target), { recursive: true });
  }
  // Nobody may write, not even to what lies inside a cache.
  execFileSync('chmod', ['-R', 'a-w,a+rX', app]);
  execFileSync('chmod', ['a+rx', dir]);
  return app;
}

/** `COPY . .`: top-level names of .dockerignore are left out; so are logs, wherever they are. */
function copyContext(stage: string): void {
  const ignored = read('.dockerignore').split('\n');
  for (const name of readdirSync(ROOT)) {
    if (ignored.includes(name) || /\.(md|log)$/.test(name)) continue;
    cpSync(join(ROOT, name), join(stage, name), { recursive: true });
  }
}

/** `npm ci --omit=dev` from the packages that are already here, as the lock file sorts them. */
function installWithoutDev(stage: string): void {
  const { packages } = JSON.parse(readFileSync(join(ROOT, 'package-lock.json'), 'utf8')) as {
    packages: Record<string, { dev?: boolean; optional?: boolean }>;
  };
  const wanted = Object.entries(packages).filter(([path, { dev }]) => path !== '' && dev !== true);
  const nested = new Set(Object.keys(packages));
  for (const [path, { optional }] of wanted) {
    const from = join(ROOT, path);
    mkdirSync(dirname(join(stage, path)), { recursive: true });
    // Packages inside this one have lines of their own, and some of them are for developers only.
    const filter = (file: string): boolean => file === from || !nested.has(file.slice(ROOT.length + 1));
    try {
      cpSync(from, join(stage, path), { recursive: true, filter, verbatimSymlinks: true });
    } catch (error) {
      // One for another platform.
      if (optional !== true) throw error;
    }
  }
}
