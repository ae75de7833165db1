/** Tokens for people and programs, kept (hashed) in the state directory. */
import { randomUUID } from 'node:crypto';

import { ConfigError } from '../../config/problems.ts';
import { personCalled, standsForPeople } from '../../config/sections/people.ts';
import { homeOf } from '../api/server-address.ts';
import { CliError, EXIT } from '../cli-error.ts';
import type { CommandCall, CommandSpec, OptionSpec, TokenRow } from '../command.ts';
import { durationOf, expiryOf } from '../input/times.ts';
import { table } from '../text/terminal-text.ts';

const TOKEN_ROLES = ['viewer', 'responder', 'admin'] as const;
const DAY_MS = 86_400_000;

const EXPIRES: OptionSpec = { flags: '--expires <when>', about: 'when it expires: 90d, 2027-01-01 or never' };
const NAME = { name: 'name', about: 'its name in the list' } as const;

export const tokenCreate: CommandSpec = {
  name: 'token create',
  aliases: ['token add', 'token new'],
  suggestedFor: ['login', 'signin', 'auth', 'tokens'],
  about: 'create a token; it is printed once and kept only as a hash',
  kind: 'local',
  options: [
    { flags: '--name <name>', about: 'what it is for; shown in lists', required: true },
    { flags: '--person <person>', about: 'the person it acts for (by default it acts under its own name)' },
    { flags: '--role <role>', about: 'what it may do', required: true, choices: TOKEN_ROLES },
    EXPIRES,
  ],
  examples: [
    'tocsin token create --name "Ana\'s laptop" --person ana --role responder --expires 90d',
    'TOCSIN_TOKEN=$(tocsin token create --name ci --role viewer)',
  ],
  run: async ({ context, options, warn }) => {
    const home = homeOf(context);
    const name = options.text('name') ?? '';
    const person = options.text('person') ?? null;
    const role = TOKEN_ROLES.find((known) => known === options.text('role')) ?? 'viewer';
    const expiresAt = expiryOf(options.text('expires'), Date.now()) ?? null;
    await checkAgainstPeople({ name, person }, { context, warn });
    const token = await context.processes.createToken({ home, name, person, role, expiresAt, warn });
    const end = shownEnd(expiresAt);
    warn(`token "${name}" for ${person ?? 'nobody in particular'} (${role}, ends: ${end}); it is shown only once:`);
    return { text: token, json: { name, person, role, expiresAt: timeOf(expiresAt), token } };
  },
};

export const tokenRotate: CommandSpec = {
  name: 'token rotate',
  about: 'make a new secret for a token; the old one works until the grace period ends',
  kind: 'local',
  args: [NAME],
  options: [
    { flags: '--grace <length>', about: 'how long the old secret still works: 24h by default; 0 ends it now' },
    EXPIRES,
  ],
  examples: ['tocsin token rotate ci', 'tocsin token rotate "Ana\'s laptop" --grace 0'],
  run: async ({ context, args, options, warn }) => {
    const name = args['name'] ?? '';
    const graceMs = graceOf(options.text('grace'));
    const expiresAt = expiryOf(options.text('expires'), Date.now());
    const rotation = { home: homeOf(context), name, graceMs, warn, ...(expiresAt === undefined ? {} : { expiresAt }) };
    const { token, oldUntil } = await context.processes.rotateToken(rotation);
    const before = oldUntil === null ? 'no longer works' : `works until ${oldUntil}`;
    warn(`token "${name}" has a new secret, the old one ${before}; the new one is shown only once:`);
    return { text: token, json: { name, token, oldUntil } };
  },
};

export const tokenRevoke: CommandSpec = {
  name: 'token revoke',
  aliases: ['token delete'],
  suggestedFor: ['logout'],
  about: 'revoke a token; running servers refuse it within half a second',
  kind: 'local',
  args: [NAME],
  examples: ['tocsin token revoke "Ana\'s laptop"'],
  run: async ({ context, args, warn }) => {
    const name = args['name'] ?? '';
    await context.processes.revokeToken({ home: homeOf(context), name, warn });
    return { text: `token "${name}" revoked`, json: { name, revoked: true } };
  },
};

export const tokenList: CommandSpec = {
  name: 'token list',
  aliases: ['token ls'],
  suggestedFor: ['tokens'],
  about: 'list the tokens, without their secrets',
  kind: 'local',
  examples: ['tocsin token list', 'tocsin token list --json'],
  run: async ({ context }: CommandCall) => {
    const tokens = await context.processes.listTokens(homeOf(context));
    const head = ['name', 'person', 'role', 'created', 'ends', 'last used', 'before'];
    const rows = tokens.map((token) => cellsOf(token, Date.now()));
    return { text: tokens.length === 0 ? 'no tokens' : table(head, rows), json: { tokens } };
  },
};

function cellsOf({ name, person, role, createdAt, expiresAt, lastUsedAt, old }: TokenRow, now: number) {
  const over = expiresAt !== null && Date.parse(expiresAt) <= now;
  const end = expiresAt === null ? 'never' : over ? `EXPIRED ${expiresAt}` : expiresAt;
  const before = old.map(({ until, lastUsedAt: used }) => `until ${until}${used === null ? '' : `, used ${used}`}`);
  return [name, person ?? '–', role, createdAt, end, lastUsedAt ?? '–', before.join('; ') || '–'];
}

function graceOf(text: string | undefined): number {
  if (text === undefined) return DAY_MS;
  return text === '0' ? 0 : durationOf(text, '--grace');
}

const timeOf = (at: number | null): string | null => (at === null ? null : new Date(at).toISOString());
const shownEnd = (at: number | null): string => timeOf(at) ?? 'never';

/** Throws `CliError` (64) for somebody unknown, naming who is known, and for a name that reads as somebody else's. */
async function checkAgainstPeople(
  { name, person }: { readonly name: string; readonly person: string | null },
  { context, warn }: Pick<CommandCall, 'context' | 'warn'>,
): Promise<void> {
  // Loaded here: the schema is the largest part of all, and few commands need it.
  const { loadConfig } = await import('../../config/load.ts');
  try {
    const config = loadConfig({ env: context.env, cwd: context.cwd, sampleToken: randomUUID() });
    const { file, people } = config;
    // The sample organization stands in for a file that may be elsewhere: it proves nothing.
    if (file === null) return;
    if (person !== null && !people.has(person)) {
      const known = [...people.keys()].sort().join(', ');
      throw new CliError(EXIT.usage, `--person: no "${person}" in ${file}; known: ${known}`);
    }
    const namesake = personCalled(people.values(), name);
    if (namesake !== null && namesake !== person) {
      throw new CliError(
        EXIT.usage,
        `--name: "${name}" is a person in ${file}, and what the token did would read as theirs`,
        {
          hint: `name it for what it is for ("laptop of ${name}"), or let it act for them with --person ${namesake}`,
        },
      );
    }
    if (person === null && standsForPeople(config, name)) {
      throw new CliError(
        EXIT.usage,
        `--name: "${name}" stands for people in ${file}, and what the token did would read as theirs`,
        { hint: `name it for what it is for ("${name} deploys")` },
      );
    }
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    if (person === null) return;
    warn(`could not check whether "${person}" exists: the configuration cannot be read here (tocsin config check)`);
  }
}
