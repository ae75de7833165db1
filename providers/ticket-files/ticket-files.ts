/**
 * Tickets as files: one YAML file for each incident. Each is written whole and flushed to disk, so that it is there when
 * everything else is down.
 */
import { constants } from 'node:fs';
import { mkdir, open } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import type { IncidentContext, TicketEntry, Tickets } from '../../activities/ports.ts';
import { DeliveryError, type FailureKind } from '../../runtime/failures.ts';
import { writeFileAtomically } from '../../runtime/files.ts';
import { abortOn } from '../shared/deliver-once.ts';
import type { Vendor } from '../vendor.ts';
import { incidentIdOf, UnreadableTicket, withEntry } from './ticket-document.ts';

const VENDOR = 'ticket file';
const REF = 'ticket.file';

export const ticketFiles = {
  connect: () => ({
    tickets: ({ ticketDirectory: directory }) => (directory === null ? null : fileTickets({ directory })),
  }),
} satisfies Vendor;

/** Refs: `ticket.file`, the absolute path; `ticket` likewise, unless another system has the ticket. Throws `DeliveryError`. */
export function fileTickets({ directory }: { readonly directory: string }): Tickets {
  const root = resolve(directory);
  return {
    write: async (entry, context, signal) => {
      // One after another: each reads the file and writes it whole.
      const mine = (turns.get(root) ?? Promise.resolve()).then(() => write(root, entry, context));
      turns.set(
        root,
        mine.catch(() => undefined),
      );
      const written = mine.catch((err: unknown) => Promise.reject(toDeliveryError(err)));
      await abortOn(signal, written, VENDOR);
    },
  };
}

/** By directory: after a reload, an earlier instance may still be writing. */
const turns = new Map<string, Promise<unknown>>();

async function write(root: string, entry: TicketEntry, context: IncidentContext): Promise<void> {
  await mkdir(root, { recursive: true, mode: 0o750 });
  const { file, text } = await findFile(root, context, context.refs()[REF]);
  const next = withEntry(text, entry, context);
  if (next !== null)
    await writeFileAtomically(root, basename(file), next, context.projection.restricted ? 0o600 : 0o640);
  const { ticket, [REF]: known } = context.refs();
  if (known !== file)
    context.keepRefs({ [REF]: file, ...(ticket === undefined || ticket === known ? { ticket: file } : {}) });
}

/** The incident's file and its text. A file keeps its name, so a reference assigned later does not rename it. */
async function findFile(
  root: string,
  { incident }: IncidentContext,
  known: string | undefined,
): Promise<{ file: string; text: string | null }> {
  const last = `${incident.id}.yaml`;
  const names = [...(known === undefined ? [] : [basename(known)]), last];
  for (const name of names) {
    const text = await readRegularFile(pathOf(root, name));
    if (text !== null) return { file: pathOf(root, name), text };
  }
  // A new database numbers from the start again: never touch another incident's file.
  const file = pathOf(root, incident.reference === null ? last : `${incident.reference}.yaml`);
  const text = await readRegularFile(file);
  const isFree = text === null || incidentIdOf(text) === incident.id;
  return isFree ? { file, text } : { file: pathOf(root, last), text: null };
}

/** Always right below `root`, whatever `name` holds. */
function pathOf(root: string, name: string): string {
  const plain = name.replaceAll(/[^A-Za-z0-9._-]/g, '-').replace(/^\.+/, '');
  return join(root, plain.slice(-100) || 'incident.yaml');
}

const MEANS_SETTINGS = ['EACCES', 'EPERM', 'EROFS', 'ENOTDIR', 'EISDIR', 'EEXIST', 'ELOOP', 'ENAMETOOLONG'];

/** What a disk error means: a full disk may be emptied, a permission must be granted. */
export function failureKindOfFileError(code: string): FailureKind {
  return MEANS_SETTINGS.includes(code) ? 'misconfigured' : 'retryable';
}

function toDeliveryError(err: unknown): DeliveryError {
  if (err instanceof UnreadableTicket)
    return new DeliveryError(VENDOR, { code: 'not readable as a ticket', kind: 'misconfigured' });
  const code = (err as NodeJS.ErrnoException).code ?? 'failed';
  return new DeliveryError(VENDOR, { code, kind: failureKindOfFileError(code) });
}

/** UTF-8; null when there is no such file. Never follows a link. */
async function readRegularFile(file: string): Promise<string | null> {
  try {
    const handle = await open(file, constants.O_RDONLY | constants.O_NOFOLLOW);
    return await handle.readFile('utf8').finally(() => handle.close());
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code === 'ENOENT') return null;
    throw err;
  }
}
