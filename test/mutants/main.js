/** `npm run mutants`: compiles the search for mistakes that no test of the domain notices (a second) and runs it. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from '../../scripts/bundle.js';

process.chdir(path.join(import.meta.dirname, '../..'));
const out = await bundle({ 'run-mutants': 'test/mutants/run-mutants.ts' }, 'tocsin-mutants');
await import(pathToFileURL(path.join(out, 'run-mutants.js')).href);
