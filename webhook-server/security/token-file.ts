/** The token file as it is on disk. Strict: a file that was edited into nonsense must not let anyone in. */
import { readFile } from 'node:fs/promises';
import { z } from 'zod';
import { TOKEN_ROLES } from './roles.ts';

const storedToken = z.strictObject({
  name: z.string().min(1),
  person: z.string().min(1).nullable(),
  role: z.enum(TOKEN_ROLES),
  hash: z.string().regex(/^[0-9a-f]{64}$/),
  createdAt: z.string(),
});

const tokenFile = z.strictObject({ version: z.literal(1), tokens: z.array(storedToken) });

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
