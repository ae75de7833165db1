/** Who tried to change what, when and from where. */
import type { CommandSpec } from '../command.ts';
import { pathWith } from '../api/api-client.ts';
import { noAnswer } from '../cli-error.ts';
import { table, wordOf } from '../text/terminal-text.ts';

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
    const [incident, limit, cursor] = ['incident', 'limit', 'cursor'].map((name) => options.text(name));
    const { body, status } = await client().get(pathWith('/api/v1/audit', { incident, limit, cursor }));
    const { audit: lines, next, complete } = body;
    if (!Array.isArray(lines)) throw noAnswer(`no answer: status ${status} without an audit`);
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
    wordOf(at),
    whoOf(line),
    wordOf(command),
    wordOf(subject ?? workflowId),
    `${wordOf(outcome)}${typeof status === 'number' ? ` ${status}` : ''}${many}`,
    `${wordOf(via)} ${wordOf(from)}`,
  ];
}

/** The person named as the actor, and the token that was used. */
function whoOf({ by, token, person }: AuditRow): string {
  const name = by ?? person ?? token ?? 'an unauthenticated client';
  return token === null || token === undefined || token === name ? wordOf(name) : `${wordOf(name)} (${wordOf(token)})`;
}
