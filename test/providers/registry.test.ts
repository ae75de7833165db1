/** What adding a vendor touches: its folder, and one line of the registry. */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import * as registry from '../../providers/registry.ts';

const ROOT = join(import.meta.dirname, '../..');
const OURS = ['activities', 'cli', 'config', 'domain', 'embedded', 'providers', 'records', 'runtime', 'schedules'];
const folders = readdirSync(join(ROOT, 'providers'), { withFileTypes: true })
  .filter((entry) => entry.isDirectory() && entry.name !== 'shared')
  .map(({ name }) => name);

/** Lines of the source outside `folder` that name a file in it, as `file: line`. */
function mentions(folder: string): readonly string[] {
  const files = [...OURS, 'webhook-server', 'worker', 'workflows'].flatMap((top) =>
    readdirSync(join(ROOT, top), { recursive: true, encoding: 'utf8' })
      .filter((file) => file.endsWith('.ts'))
      .map((file) => `${top}/${file}`),
  );
  return files
    .filter((file) => !file.startsWith(`providers/${folder}/`))
    .flatMap((file) =>
      readFileSync(join(ROOT, file), 'utf8')
        .split('\n')
        .filter((line) => /^(import|export|\} from) /.test(line) && line.includes(`/${folder}/`))
        .map((line) => `${file}: ${line}`),
    );
}

/** The built-in ones are part of Tocsin: their types are known to others. Evidence goes to webhooks, by name. */
const KNOWN_ELSEWHERE = ['builtin', 'webhook'];

test.each(folders)('%s is named by one line outside its folder, in the registry', (folder) => {
  const found = mentions(folder);
  const inRegistry = found.filter((line) => line.startsWith('providers/registry.ts: '));
  expect(inRegistry).toHaveLength(1);
  if (!KNOWN_ELSEWHERE.includes(folder)) expect(found).toEqual(inRegistry);
});

test('a line of the registry serves: nothing is left over, and no two vendors have the same kind of contact', () => {
  const kinds = Object.values(registry).flatMap((vendor) => ('contacts' in vendor ? Object.keys(vendor.contacts) : []));
  expect(kinds.length).toBeGreaterThan(4);
  expect(new Set(kinds).size).toBe(kinds.length);
});
