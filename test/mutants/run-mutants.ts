/**
 * `npm run mutants -- [--sample N] [--seed N] [--only FILE] [--write FILE] [--why]`: makes small mistakes in `domain/`, one at a
 * time, and runs the tests of the domain against each. Prints how many were noticed, and lists those that were not.
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { parseArgs } from 'node:util';
import { build as bundle, type Plugin } from 'esbuild';
import type { Mutant } from './mutants.ts';
import { mutantsOf } from './mutants.ts';

const TARGET = 0.85;
const AT_ONCE = 2;
/** A mistake that makes the tests run for ever is noticed, too. */
const TIMEOUT_MS = 120_000;

const root = process.env['TOCSIN_ROOT'] ?? process.cwd();
const { values } = parseArgs({
  options: {
    sample: { type: 'string', default: '400' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
    write: { type: 'string' },
    why: { type: 'boolean', default: false },
  },
});

// Where packages are found from.
const directory = mkdtempSync(join(root, 'node_modules/.cache/tocsin-mutants-'));
process.exitCode = await main().finally(() => rmSync(directory, { recursive: true, force: true }));

async function main(): Promise<number> {
  const withoutMistake = await testMutant(null, 'sound');
  if (withoutMistake !== 'survived') {
    console.error(`the tests of the domain fail without any mistake: ${withoutMistake}`);
    return 1;
  }
  const all = sources().flatMap((file) => mutantsOf(file, readFileSync(join(root, file), 'utf8')));
  const chosen = sampleMutants(all, Number(values.sample), Number(values.seed));
  console.log(`${all.length} possible mistakes in ${sources().length} files; trying ${chosen.length}`);
  const survivors: Mutant[] = [];
  const waiting = [...chosen];
  let tried = 0;
  const work = async (name: string): Promise<void> => {
    for (let mutant = waiting.shift(); mutant !== undefined; mutant = waiting.shift()) {
      const noticed = await testMutant(mutant, name);
      if (noticed === 'survived') survivors.push(mutant);
      if (values.why)
        console.log(`${mutant.file}:${mutant.line} ${short(mutant.from)} → ${short(mutant.to)}: ${noticed}`);
      tried += 1;
      if (tried % 25 === 0) console.log(`${tried} tried, ${survivors.length} not noticed`);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, (_, n) => work(`worker-${n}`)));
  return report(chosen.length, survivors);
}

function sources(): readonly string[] {
  return filesBelow('domain', '.ts').filter(
    (file) => values.only === undefined || basename(file) === basename(values.only),
  );
}

/** The tests of the domain, the long property tests last. */
function tests(): readonly string[] {
  const isRandomized = (file: string): number => (file.endsWith('-properties.test.ts') ? 1 : 0);
  return filesBelow('test/domain', '.test.ts')
    .sort((a, b) => isRandomized(a) - isRandomized(b))
    .map((file) => `./${file}`);
}

/** Relative to the repository. */
function filesBelow(folder: string, ending: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: 'utf8' })
    .filter((file) => file.endsWith(ending))
    .map((file) => `${folder}/${file}`)
    .sort();
}

async function testMutant(mutant: Mutant | null, name: string): Promise<string> {
  const outfile = join(directory, `${name}.mjs`);
  try {
    await bundle({
      stdin: {
        contents: [
          "import { runAll } from './test/mutants/jest-stand-in.ts';",
          ...tests().map((file) => `import '${file}';`),
          'await runAll();',
        ].join('\n'),
        resolveDir: root,
      },
      outfile,
      bundle: true,
      format: 'esm',
      platform: 'node',
      target: 'node20',
      packages: 'external',
      alias: { '@jest/globals': join(root, 'test/mutants/jest-stand-in.ts') },
      plugins: [withOwnPaths(), ...(mutant === null ? [] : [withMistake(mutant)])],
      logLevel: 'silent',
    });
  } catch {
    return 'it does not even compile';
  }
  return runBundle(outfile);
}

/** Tests and their helpers read files by a path from their own folder, not from the bundle's. */
function withOwnPaths(): Plugin {
  const setup: Plugin['setup'] = (build) => {
    build.onLoad({ filter: /\/test\/.+\.ts$/ }, ({ path }) => ({
      contents: readFileSync(path, 'utf8')
        .replaceAll('import.meta.dirname', JSON.stringify(dirname(path)))
        .replaceAll('import.meta.url', JSON.stringify(pathToFileURL(path).href)),
      loader: 'ts',
    }));
  };
  return { name: 'own paths', setup };
}

function withMistake(mutant: Mutant): Plugin {
  return {
    name: 'mistake',
    setup: (build) => {
      const path = join(root, mutant.file);
      build.onLoad({ filter: /\/domain\/.+\.ts$/ }, (file) =>
        file.path === path ? { contents: mutant.text, loader: 'ts' } : undefined,
      );
    },
  };
}

function runBundle(file: string): Promise<string> {
  return new Promise((resolve) => {
    const child = spawn(process.execPath, [file], {
      env: { ...process.env, TOCSIN_WALKS: '150' },
      stdio: ['ignore', 'pipe', 'pipe'],
      timeout: TIMEOUT_MS,
    });
    let output = '';
    for (const stream of [child.stdout, child.stderr]) {
      stream.on('data', (chunk: Buffer) => (output += chunk.toString()));
    }
    child.on('close', (code) => resolve(code === 0 ? 'survived' : output.trim() || 'it did not end'));
  });
}

/** The same sample for the same seed. */
function sampleMutants(all: readonly Mutant[], size: number, seed: number): readonly Mutant[] {
  const left = [...all];
  const chosen: Mutant[] = [];
  let state = seed >>> 0 || 1;
  while (left.length > 0 && chosen.length < size) {
    // An xorshift: good enough to be fair, and the same everywhere.
    state ^= state << 13;
    state >>>= 0;
    state ^= state >>> 17;
    state ^= state << 5;
    state >>>= 0;
    chosen.push(...left.splice(state % left.length, 1));
  }
  return chosen;
}

function report(tried: number, survivors: readonly Mutant[]): number {
  const share = tried === 0 ? 0 : (tried - survivors.length) / tried;
  const head = `${tried - survivors.length} of ${tried} mistakes were noticed: ${(100 * share).toFixed(1)} %`;
  const sorted = [...survivors].sort((a, b) => a.file.localeCompare(b.file) || a.line - b.line);
  const lines = sorted.map(({ file, line, from, to }) => `- ${file}:${line}: \`${short(from)}\` → \`${short(to)}\``);
  console.log([head, ...(lines.length === 0 ? [] : ['Not noticed:', ...lines])].join('\n'));
  if (values.write !== undefined) writeFileSync(values.write, `${head}\n\n${lines.join('\n')}\n`);
  return share >= TARGET ? 0 : 1;
}

function short(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll('`', "'").slice(0, 70);
}
