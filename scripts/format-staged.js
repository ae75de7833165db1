/**
 * The pre-commit hook: formats the files of the commit as they are staged, and no others. A file with further changes
 * that are not staged keeps them; only its staged version is formatted.
 */
import { execFileSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import * as prettier from 'prettier';

const root = git(['rev-parse', '--show-toplevel']).trim();
process.chdir(root);

// `git commit -- FILE` commits from an index of its own, beside the one that stays: that must not be changed here.
const isOwnIndex = basename(process.env.GIT_INDEX_FILE ?? 'index') !== 'index';
const unformatted = [];

for (const { mode, hash, path } of staged()) {
  const file = join(root, path);
  const { ignored, inferredParser } = await prettier.getFileInfo(file, { ignorePath: join(root, '.prettierignore') });
  if (ignored || inferredParser === null) continue;
  const before = git(['cat-file', 'blob', hash]);
  const after = await prettier.format(before, { ...(await prettier.resolveConfig(file)), filepath: file });
  if (after === before) continue;
  unformatted.push(path);
  if (isOwnIndex) continue;
  const formatted = git(['hash-object', '-w', '--stdin'], after).trim();
  git(['update-index', '--cacheinfo', `${mode},${formatted},${path}`]);
  if (readFileSync(file, 'utf8') === before) writeFileSync(file, after);
}

if (unformatted.length > 0 && isOwnIndex) {
  console.error(`not formatted; run: npx prettier --write ${unformatted.join(' ')}`);
  process.exitCode = 1;
} else for (const path of unformatted) console.error(`formatted: ${path}`);

/** Files that the commit adds or changes; links and submodules are left out. */
function staged() {
  const fields = git(['diff', '--cached', '--raw', '-z', '--no-renames', '--no-abbrev', '--diff-filter=AM']).split(
    '\0',
  );
  const entries = [];
  for (let at = 0; at + 1 < fields.length; at += 2) {
    const [, mode, , hash] = fields[at].split(' ');
    if (mode === '100644' || mode === '100755') entries.push({ mode, hash, path: fields[at + 1] });
  }
  return entries;
}

function git(args, input) {
  return execFileSync('git', args, { input, encoding: 'utf8', maxBuffer: 100_000_000 });
}
