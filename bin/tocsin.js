#!/usr/bin/env node
/**
 * The door: compiles the TypeScript of this repository when it has changed, then runs the command line. Plain
 * JavaScript, since nothing can be compiled before it runs. `TOCSIN_DIST` names a directory compiled beforehand.
 */
import { dirname, join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { compile } from './compile.js';

const OLDEST_NODE = [20, 19];

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
if (major < OLDEST_NODE[0] || (major === OLDEST_NODE[0] && minor < OLDEST_NODE[1])) {
  console.error(`tocsin needs Node.js ${OLDEST_NODE.join('.')} or newer; this is ${process.versions.node}`);
  process.exit(78);
}
process.setSourceMapsEnabled(true);

const dir = process.env.TOCSIN_DIST || (await compile({ root })).dir;
process.env.TOCSIN_ROOT = root;
process.env.TOCSIN_BUILD_DIR = dir;
await import(pathToFileURL(join(dir, 'cli', 'main.js')).href);
