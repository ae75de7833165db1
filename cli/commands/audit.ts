/** Who tried to change what, when and from where. */
import type { CommandSpec } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { table } from '../text/terminal-text.ts';

/** A line of `GET /api/v1/audit`; the server is believed only as far as it is understood. */
type AuditRow = Readonly<Record<string, unknown>>;

export const audit: CommandSpec = {
  name: 'audit',
  suggestedFor: ['history', 'log', 'who-did'],
  about: 'show who tried to change what, when and from where: newest first (admin tokens only)',
  kind: 'api',
  options: [
    { flags: '--incident <id>', about: 'only this incident' },
    { flags: '--limit <number>', about: 'how many per page' },
    { flags: '--cursor <cursor>', about: 'continue at the `next` of an earlier answer' },
  ],
  examples: ['tocsin audit', 'tocsin audit --incident INC-2026-003', 'tocsin audit --limit 200 --json'],
  run: async ({ options, client, warn }) => {
    const query = new URLSearchParams();
    for (const name of ['incident', 'limit', 'cursor']) {
      const value = options.text(name);
      if (value !== undefined) query.set(name, value);
    }
    const { body, status } = await client().get(`/api/v1/audit${query.size === 0 ? '' : `?${query.toString()}`}`);
    const { audit: lines, next, complete } = body;
    if (!Array.isArray(lines)) {
      throw new CliError(EXIT.unavailable, `no answer: status ${status} without an audit`, {
        hint: 'is that another service? Check TOCSIN_URL',
      });
    }
    if (complete === false) warn('the records are down: these are only the newest entries of that server');
    const head = ['when', 'who', 'what', 'about', 'outcome', 'from'];
    const text = [lines.length === 0 ? 'nothing' : table(head, (lines as AuditRow[]).map(cellsOf))];
    if (typeof next === 'string') text.push(`there are more: use --cursor ${next}`);
    return { text: text.join('\n'), json: body };
  },
};

function cellsOf(line: AuditRow): readonly string[] {
  const { at, command, outcome, status, via, from, subject, workflowId, omitted } = line;
  const many = typeof omitted === 'number' && omitted > 0 ? ` (and ${omitted} more)` : '';
  return [
    word(at),
    whoOf(line),
    word(command),
    word(subject ?? workflowId),
    `${word(outcome)}${typeof status === 'number' ? ` ${status}` : ''}${many}`,
    `${word(via)} ${word(from)}`,
  ];
}

/** The person named as the actor, and the token that was used. */
function whoOf({ by, token, person }: AuditRow): string {
  const name = by ?? person ?? token ?? 'an unauthenticated client';
  return token === null || token === undefined || token === name ? word(name) : `${word(name)} (${word(token)})`;
}

function word(value: unknown): string {
  return typeof value === 'string' ? value : '–';
}
