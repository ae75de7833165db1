/**
 * When each token was last used, to the minute, in a file beside the tokens: so that a list can say which are
 * forgotten, and whether anybody still uses a secret that was rotated away. Lost notes cost nothing.
 */
import { readFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../runtime/files.ts';

/** Key id → RFC 3339. */
const useFile = z.record(z.string(), z.string());

const MINUTE_MS = 60_000;

export const tokenUseFileOf = (tokenFile: string): string => join(dirname(tokenFile), 'token-use.json');

/** No file, or none that can be read: nothing is known. */
export async function readTokenUse(file: string): Promise<ReadonlyMap<string, string>> {
  try {
    return new Map(Object.entries(useFile.parse(JSON.parse(await readFile(file, 'utf8')))));
  } catch {
    return new Map();
  }
}

export interface TokenUse {
  /** Costs nothing more than once a minute and key. */
  note(keyId: string, at: number): void;
  /** Resolves when what was noted is written. Never rejects. */
  written(): Promise<void>;
}

export function createTokenUse(file: string): TokenUse {
  const last = new Map<string, number>();
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    const used = new Map([...(await readTokenUse(file))]);
    for (const [keyId, at] of last) used.set(keyId, new Date(at).toISOString());
    await writeFileAtomically(dirname(file), basename(file), JSON.stringify(Object.fromEntries(used))).catch(
      () => undefined,
    );
  }

  return {
    note(keyId, at) {
      if (at - (last.get(keyId) ?? -Infinity) < MINUTE_MS) return;
      last.set(keyId, at);
      writing = writing.then(write);
    },
    written: () => writing,
  };
}
