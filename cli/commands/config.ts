/** The configuration, looked at without starting anything. */
import { randomUUID } from 'node:crypto';

import { ConfigError } from '../../config/problems.ts';
import type { CommandCall, CommandSpec, CommandResult } from '../command.ts';
import { CliError, EXIT } from '../cli-error.ts';
import { safeJson, textsIn } from '../text/terminal-text.ts';

export const configCheck: CommandSpec = {
  name: 'config check',
  aliases: ['check', 'validate', 'config validate'],
  suggestedFor: ['verify', 'lint', 'doctor', 'health', 'configuration'],
  about: 'check the configuration: every mistake at once, with file, line and fix',
  kind: 'local',
  options: [{ flags: '--file <path>', about: 'the file (by default TOCSIN_CONFIG, else tocsin.yaml)' }],
  examples: ['tocsin config check', 'tocsin config check --file deploy/tocsin.yaml'],
  run: check,
};

export const configSchema: CommandSpec = {
  name: 'config schema',
  suggestedFor: ['schema'],
  about: 'print the JSON Schema of tocsin.yaml, for editors',
  kind: 'local',
  examples: ['tocsin config schema > tocsin.schema.json'],
  run: async () => {
    const { configJsonSchema } = await import('../../config/file-schema.ts');
    const schema = configJsonSchema();
    return { text: safeJson(schema), json: schema };
  },
};

export const configReload: CommandSpec = {
  name: 'config reload',
  suggestedFor: ['reload'],
  about: 'make the server reload its configuration file; if the file has mistakes, the last good one stays',
  kind: 'api',
  examples: ['tocsin config reload', 'tocsin config check && tocsin config reload'],
  run: reload,
};

async function reload({ client }: CommandCall): Promise<CommandResult> {
  const { body, status } = await client().post('/api/v1/config/reload', {});
  const { digest } = body;
  if (!Array.isArray(body['changed']) || typeof digest !== 'string')
    throw new CliError(EXIT.unavailable, `no answer: status ${status} without a list of changes`);
  const changed = textsIn(body['changed']);
  const isAlone = !textsIn(body['serves']).includes('worker');
  const lines = [
    ...textsIn(body['warnings']).map((line) => `warning: ${line}`),
    ...textsIn(body['notYet']).map((line) => `not yet: ${line}`),
    ...textsIn(body['needsRestart']).map((line) => `needs a restart: ${line}`),
    ...(isAlone ? ['this server only: send SIGHUP to every other server and worker'] : []),
    changed.length === 0 ? `nothing changed (${digest})` : `reloaded: ${changed.join(', ')} (${digest})`,
  ];
  return { text: lines.join('\n'), json: body };
}

async function check({ context, options }: CommandCall): Promise<CommandResult> {
  // Loaded here: the schema is the largest part of all, and no other command needs it.
  const { loadConfig } = await import('../../config/load.ts');
  const { env, cwd } = context;
  const path = options.text('file');
  try {
    // The sample's sources take a token that `tocsin up` makes; here any will do.
    const { file, warnings, notSupportedYet } = loadConfig({ path, env, cwd, sampleToken: randomUUID() });
    const lines = [
      ...warnings.map((warning) => `warning: ${warning}`),
      ...notSupportedYet.map((line) => `not yet: ${line}`),
      `${file ?? 'no configuration file: the sample organization'}: in order`,
    ];
    return { text: lines.join('\n'), json: { file, problems: [], warnings, notYet: notSupportedYet } };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const json = { file: error.problems[0]?.file ?? null, problems: error.problems, warnings: [], notYet: [] };
    return { text: error.format(), json, exitCode: EXIT.configuration };
  }
}
