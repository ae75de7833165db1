/** An incident's record and its post-mortem, as files. */
import { extname } from 'node:path';

import { ID, type Call, type CommandSpec } from '../command.ts';
import { deliver } from '../documents.ts';
import { incidentOf, pathOf } from './tell.ts';

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
const FORCE = { flags: '--force', about: 'overwrite a file that is there already' };

export const exporting: CommandSpec = {
  name: 'export',
  about: 'export the whole record of an incident',
  kind: 'api',
  args: [ID],
  options: [
    { flags: '--format <format>', about: 'else as --out ends, else yaml (json with --json)', choices: FORMATS },
    { flags: '--out <file>', about: 'write it to this file (else to standard output)' },
    FORCE,
  ],
  examples: ['tocsin export INC-2026-003', 'tocsin export INC-2026-003 --out INC-2026-003.json'],
  run: async (call) => {
    const { args, options, client, context } = call;
    const out = options.text('out') ?? '-';
    const format = formatOf(call, out);
    const text = await client().document(`${pathOf(args['id'])}/export?format=${format}`, MEDIA_TYPES[format]);
    const json: unknown = format === 'json' ? JSON.parse(text) : { format, text };
    return deliver({ text, out, force: options.flag('force'), json }, context);
  },
};

export const postmortem: CommandSpec = {
  name: 'postmortem',
  about: 'create the post-mortem document of an incident, drafted from its record',
  kind: 'api',
  args: [ID],
  options: [
    { flags: '--out <file>', about: 'where (else postmortem-ID.md in this directory; - for standard output)' },
    FORCE,
  ],
  examples: ['tocsin postmortem INC-2026-003', 'tocsin postmortem INC-2026-003 --out docs/postmortems/2026-003.md'],
  run: async ({ args, options, client, context }) => {
    const api = client();
    const path = pathOf(args['id']);
    const { id, workflowId } = incidentOf(await api.get(path));
    const text = await api.document(`${path}/postmortem`, MEDIA_TYPES.markdown);
    const out = options.text('out') ?? `postmortem-${(id ?? workflowId).replace(/[^\w-]/g, '_')}.md`;
    return deliver({ text, out, force: options.flag('force'), json: { format: 'markdown', text } }, context);
  },
};

function formatOf({ options }: Call, out: string): Format {
  const asked = FORMATS.find((format) => format === options.text('format'));
  return asked ?? EXTENSIONS[extname(out).toLowerCase()] ?? (out === '-' && options.flag('json') ? 'json' : 'yaml');
}
