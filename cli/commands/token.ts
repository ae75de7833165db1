/** Tokens for people and programs, kept (hashed) in the state directory. */
import { homeOf } from '../address.ts';
import type { CommandSpec } from '../command.ts';

const TOKEN_ROLES = ['viewer', 'responder', 'admin'] as const;

export const tokenCreate: CommandSpec = {
  name: 'token create',
  about: 'make a token; it is printed once and kept only as a hash',
  kind: 'local',
  options: [
    { flags: '--name <name>', about: 'what it is for, shown in lists', required: true },
    { flags: '--person <person>', about: 'who speaks with it (else it speaks by its own name)' },
    { flags: '--role <role>', about: 'what it may do', required: true, choices: TOKEN_ROLES },
  ],
  examples: [
    'tocsin token create --name "Ana\'s laptop" --person ana --role responder',
    'TOCSIN_TOKEN=$(tocsin token create --name ci --role viewer)',
  ],
  run: async ({ context, options, warn }) => {
    const home = homeOf(context);
    const name = options.text('name') ?? '';
    const person = options.text('person') ?? null;
    const role = TOKEN_ROLES.find((known) => known === options.text('role')) ?? 'viewer';
    const token = await context.processes.createToken({ home, name, person, role });
    warn(`token "${name}" for ${person ?? 'nobody in particular'} (${role}); it is shown only this once:`);
    return { text: token, json: { name, person, role, token } };
  },
};

export const tokenList: CommandSpec = {
  name: 'token list',
  about: 'list the tokens, without what is secret',
  kind: 'local',
  examples: ['tocsin token list'],
  run: async ({ context }) => {
    const tokens = await context.processes.listTokens(homeOf(context));
    const lines = tokens.map(({ name, person, role, createdAt }) => [createdAt, role, name, person ?? '–'].join('  '));
    return { text: lines.length === 0 ? 'no tokens' : lines.join('\n'), json: { tokens } };
  },
};
