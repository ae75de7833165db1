/**
 * The last good copy of the public page, in a file that is exactly `/status.json`: served when the records are down,
 * also after a restart, and fit to be put on another host as it is. Its age is the file's.
 */
import { readFile, stat, utimes } from 'node:fs/promises';
import { basename, dirname } from 'node:path';
import { z } from 'zod';
import { writeFileAtomically } from '../../runtime/files.ts';
import { PUBLIC_STATES } from '../../domain/kernel/commands.ts';
import { COMPONENT_STATES, PUBLIC_IMPACTS } from '../../domain/communications/public-state.ts';
import type { PublicPage } from './public-page.ts';

/** How often a page that has not changed is said to be still good. */
const TOUCH_EVERY_MS = 30_000;

/** Fields that are not named here are left away: a copy of another version shows no more than this one would. */
const copy = z.object({
  page: z.string(),
  state: z.enum(COMPONENT_STATES),
  components: z.array(z.object({ name: z.string(), state: z.enum(COMPONENT_STATES) })),
  incidents: z.array(
    z.object({
      title: z.string(),
      state: z.enum(PUBLIC_STATES),
      impact: z.enum(PUBLIC_IMPACTS),
      nextUpdateAt: z.iso.datetime().nullable(),
      updates: z.array(z.object({ at: z.iso.datetime(), state: z.enum(PUBLIC_STATES), text: z.string() })),
    }),
  ),
}) satisfies z.ZodType<PublicPage>;

/** A page, and when it was true (epoch ms). */
export interface DatedPublicPage {
  readonly page: PublicPage;
  readonly asOf: number;
}

export interface LastGoodPage {
  /** Null when there is none that can be read. Never throws. */
  load(): Promise<DatedPublicPage | null>;
  /** Throws what the disk says. */
  save(dated: DatedPublicPage): Promise<void>;
}

export function lastGoodPageFile(file: string): LastGoodPage {
  let saved: { readonly text: string; readonly asOf: number } | null = null;
  return {
    load: async () => {
      try {
        const [text, { mtimeMs }] = await Promise.all([readFile(file, 'utf8'), stat(file)]);
        return { page: copy.parse(JSON.parse(text)), asOf: Math.floor(mtimeMs) };
      } catch {
        return null; // None, or not whole: then there is no good copy.
      }
    },
    save: async ({ page, asOf }) => {
      const text = `${JSON.stringify(page, null, 2)}\n`;
      const isNew = text !== saved?.text;
      if (!isNew && asOf - (saved?.asOf ?? 0) < TOUCH_EVERY_MS) return;
      if (isNew) await writeFileAtomically(dirname(file), basename(file), text, 0o644);
      await utimes(file, asOf / 1000, asOf / 1000);
      saved = { text, asOf };
    },
  };
}
