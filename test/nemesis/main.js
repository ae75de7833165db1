/** `npm run nemesis`: compiles the nemesis (a second) and runs it. `--help` says what can be asked of it. */
import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { bundle } from '../../scripts/bundle.js';

process.chdir(path.join(import.meta.dirname, '../..'));
const out = await bundle({ 'run-nemesis': 'test/nemesis/run-nemesis.ts' }, 'tocsin-nemesis');
process.env.TOCSIN_LAUNCHER = path.resolve('bin/tocsin.js');
await import(pathToFileURL(path.join(out, 'run-nemesis.js')).href);
