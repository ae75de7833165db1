/** `npm run build`: compiles into `dist/`, for images. Run it with `TOCSIN_DIST=dist`. */
import { join } from 'node:path';
import { compile } from '../bin/compile.js';

const root = join(import.meta.dirname, '..');
const { dir } = await compile({ root, out: join(root, 'dist') });
console.log(`compiled into ${dir}`);
