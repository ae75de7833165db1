/** An incident's record and its post-mortem, as files. */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { extname, resolve } from 'node:path';

import { ID, type CliContext, type CommandCall, type CommandSpec, type CommandResult } from '../command.ts';
import { CliError, EXIT, noAnswer, OR_OLDER } from '../cli-error.ts';
import { readInput } from '../input/read-input.ts';
import { incidentIn, incidentPath } from '../api/send-command.ts';
import { safe } from '../text/terminal-text.ts';

const FORMATS = ['json', 'yaml', 'markdown'] as const;
type Format = (typeof FORMATS)[number];

const MEDIA_TYPES: Readonly<Record<Format, readonly string[]>> = {
  json: ['application/json'],
  yaml: ['application/yaml', 'application/x-yaml', 'text/yaml'],
  markdown: ['text/markdown'],
};
const EXTENSIONS: Readonly<Record<string, Format>> = {
  '.json': 'json',
  '.yaml': 'yaml',
  '.yml': 'yaml',
  '.md': 'markdown',
};
const FORCE = { flags: '--force', about: 'overwrite an existing file' };

export const exportRecord: CommandSpec = {
  name: 'export',
  suggestedFor: ['dump', 'download', 'save', 'record'],
  about: 'export the whole record of an incident',
  kind: 'api',
  args: [ID],
  options: [
    { flags: '--format <format>', about: 'by default as --out ends, else yaml (json with --json)', choices: FORMATS },
    { flags: '--out <file>', about: 'write it to this file (by default to standard output)' },
    FORCE,
  ],
  examples: ['tocsin export INC-2026-003', 'tocsin export INC-2026-003 --out INC-2026-003.json'],
  run: async (call) => {
    const { args, options, client, context } = call;
    const out = options.text('out') ?? '-';
    const format = formatOf(call, out);
    const text = await client().document(`${incidentPath(args['id'])}/export?format=${format}`, MEDIA_TYPES[format]);
    const json: unknown = format === 'json' ? JSON.parse(text) : { format, text };
    return writeDocument({ text, out, force: options.flag('force'), json }, context);
  },
};

export const postmortem: CommandSpec = {
  name: 'postmortem',
  aliases: ['post-mortem'],
  suggestedFor: ['pm', 'retro', 'retrospective', 'review', 'pir'],
  about: 'get the post-mortem of an incident: the version people wrote, else a draft; or keep a new version (--put)',
  kind: 'api',
  args: [ID],
  options: [
    { flags: '--out <file>', about: 'where to (by default postmortem-ID.md in this directory; - for standard output)' },
    { flags: '--draft', about: 'a draft of the record, whatever people have written' },
    { flags: '--put <file>', about: 'keep this Markdown file (- for standard input) as the new version' },
    FORCE,
  ],
  examples: [
    'tocsin postmortem INC-2026-003',
    'tocsin postmortem INC-2026-003 --out docs/postmortems/2026-003.md',
    'tocsin postmortem INC-2026-003 --put postmortem-INC-2026-003.md',
  ],
  run: async (call) => {
    const file = call.options.text('put');
    return file === undefined ? getPostmortem(call) : putPostmortem(call, file);
  },
};

async function getPostmortem({ args, options, client, context }: CommandCall): Promise<CommandResult> {
  const api = client();
  const path = incidentPath(args['id']);
  const { reference, workflowId } = incidentIn(await api.get(path));
  const query = options.flag('draft') ? '?draft=true' : '';
  const text = await api.document(`${path}/postmortem${query}`, MEDIA_TYPES.markdown);
  const out = options.text('out') ?? `postmortem-${(reference ?? workflowId).replace(/[^\w-]/g, '_')}.md`;
  return writeDocument({ text, out, force: options.flag('force'), json: { format: 'markdown', text } }, context);
}

async function putPostmortem({ args, options, client, context }: CommandCall, file: string): Promise<CommandResult> {
  const other = ['out', 'draft', 'force'].find((name) => options.text(name) !== undefined || options.flag(name));
  if (other !== undefined) throw new CliError(EXIT.usage, `--put sends a file: leave out --${other}`);
  const text = readDocument(file, context);
  const answer = await client().put(`${incidentPath(args['id'])}/postmortem`, text, 'text/markdown; charset=utf-8');
  const { version, changed, by } = answer.body;
  if (typeof version !== 'number')
    throw noAnswer(`not kept: the answer (status ${answer.status}) is not about a post-mortem`, OR_OLDER);
  const said =
    changed === false ? `already kept as version ${version}, by ${String(by)}` : `kept as version ${version}`;
  return { text: said, json: answer.body };
}

function formatOf({ options }: CommandCall, out: string): Format {
  const requested = FORMATS.find((format) => format === options.text('format'));
  return requested ?? EXTENSIONS[extname(out).toLowerCase()] ?? (out === '-' && options.flag('json') ? 'json' : 'yaml');
}

interface DocumentOutput {
  readonly text: string;
  /** Where it goes; `-` is standard output. */
  readonly out: string;
  /** A file that is there already may go. */
  readonly force: boolean;
  /** On standard output under `--json`. */
  readonly json: unknown;
}

/** Delivers the document and says where it is. Throws `CliError`: 1 for a file in the way, 64 where none can be. */
function writeDocument({ text, out, force, json }: DocumentOutput, { cwd }: Pick<CliContext, 'cwd'>): CommandResult {
  if (out === '-') return { text: text.replace(/\n$/, ''), json, exact: true };
  const file = resolve(cwd, out);
  writeFile(file, text, force);
  return { text: `written to ${safe(file)}`, json: { file, bytes: Buffer.byteLength(text) } };
}

/** Readable by its owner alone: what happened to whom is not for everyone on a shared machine. */
function writeFile(file: string, text: string, force: boolean): void {
  const options = { mode: 0o600, flag: 'wx' } as const;
  try {
    if (!force) return writeFileSync(file, text, options);
    const temporary = `${file}.${process.pid}.tmp`;
    try {
      writeFileSync(temporary, text, options);
      renameSync(temporary, file);
    } finally {
      rmSync(temporary, { force: true });
    }
  } catch (error) {
    const { code = '' } = error as NodeJS.ErrnoException;
    if (code === 'EEXIST' && !force) {
      throw new CliError(EXIT.refused, `refused: ${file} exists`, {
        hint: '--force overwrites it, --out names another file',
      });
    }
    if (code === '') throw error;
    throw new CliError(EXIT.usage, `${file} cannot be written: ${code}`, { hint: 'name another file with --out' });
  }
}

/** As large as the server takes one. */
const FILE_LIMIT = 256 * 1024;

/** The text of a file, or of standard input (`-`). Throws `CliError` (64) for what cannot be read, or is no text. */
function readDocument(file: string, { cwd }: Pick<CliContext, 'cwd'>): string {
  const bytes = readInput(file, { cwd, limit: FILE_LIMIT });
  const text = bytes.toString('utf8');
  if (text.trim() === '') throw new CliError(EXIT.usage, `${file} is empty`);
  if (!Buffer.from(text).equals(bytes)) throw new CliError(EXIT.usage, `${file} is not UTF-8 text`);
  return text;
}
