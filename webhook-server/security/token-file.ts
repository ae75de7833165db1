/** The token file as it is on disk. Strict: a file that was edited into nonsense must not let anyone in. */
import { mkdir, readFile } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { lockFile } from '../../runtime/file-lock.ts';
import { writeFileAtomically } from '../../runtime/files.ts';
import { TOKEN_ROLES } from './roles.ts';

const hash = z.string().regex(/^[0-9a-f]{64}$/);
const time = z.iso.datetime({ offset: true });

const commonFields = {
  name: z.string().min(1),
  person: z.string().min(1).nullable(),
  role: z.enum(TOKEN_ROLES),
  hash,
  createdAt: z.string(),
};

const storedToken = z.strictObject({
  ...commonFields,
  /** Null: never. */
  expiresAt: time.nullable(),
  /** Secrets that were rotated away, and until when they still hold. */
  old: z.array(z.strictObject({ hash, until: time })),
});

const tokenFile = z.discriminatedUnion('version', [
  /** Before tokens had an end: these have none. */
  z.strictObject({
    version: z.literal(1),
    tokens: z.array(z.strictObject(commonFields).transform((token) => ({ ...token, expiresAt: null, old: [] }))),
  }),
  z.strictObject({ version: z.literal(2), tokens: z.array(storedToken) }),
]);

export type StoredToken = z.output<typeof storedToken>;

/** No file: no tokens. Throws when there is one that cannot be read. */
export async function readTokenFile(file: string): Promise<readonly StoredToken[]> {
  let text: string;
  try {
    text = await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return [];
    throw error;
  }
  try {
    return tokenFile.parse(JSON.parse(text)).tokens;
  } catch (cause) {
    throw new Error(`${file} is not a file of tokens that I wrote: mend it or remove it`, { cause });
  }
}

const LOCK_WAIT_MS = 4_000;

/** Under a lock, so that many processes at once lose none; written whole, mode 0600. Throws what `change` throws. */
export async function changeTokenFile(
  file: string,
  change: (tokens: readonly StoredToken[]) => readonly StoredToken[],
): Promise<void> {
  await mkdir(dirname(file), { recursive: true });
  const unlock = await lockFile(`${file}.lock`, { waitMs: LOCK_WAIT_MS });
  try {
    const tokens = change(await readTokenFile(file));
    await writeFileAtomically(dirname(file), basename(file), `${JSON.stringify({ version: 2, tokens }, null, 2)}\n`);
  } finally {
    await unlock();
  }
}
