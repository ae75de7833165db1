/** Whether a request to the fake Slack is one that Slack would understand. */
import type { IncomingMessage } from 'node:http';
import type { Args } from './fake-slack-answers.ts';

/** Reading methods take a form, the others JSON; else what is wrong with it. */
export function argsOf(reads: boolean, req: IncomingMessage, body: string): Args | string {
  const type = (req.headers['content-type'] ?? '').replaceAll(' ', '').toLowerCase();
  const wanted = `application/${reads ? 'x-www-form-urlencoded' : 'json'};charset=utf-8`;
  if (type !== wanted) return `content type ${type} instead of ${wanted}`;
  if (!reads) return JSON.parse(body) as Args;
  return Object.fromEntries([...new URLSearchParams(body)].map(([name, value]) => [name, fromForm(value)]));
}

function fromForm(value: string): unknown {
  if (value === 'true' || value === 'false') return value === 'true';
  return /^\d{1,6}$/.test(value) ? Number(value) : value;
}

/** What is wrong with the arguments, by the table: `channel` is required, `cursor?` is not. */
export function problemWith(args: Args, table: Readonly<Record<string, string>>): string | null {
  for (const [name, type] of Object.entries(table)) {
    const optional = name.endsWith('?');
    const value = args[optional ? name.slice(0, -1) : name];
    if (value === undefined && !optional) return `${name} is missing`;
    if (value !== undefined && typeof value !== type) return `${name} is a ${typeof value}`;
  }
  const strange = Object.keys(args).filter((name) => !(name in table) && !(`${name}?` in table));
  return strange.length === 0 ? null : `unknown argument ${strange.join(', ')}`;
}
