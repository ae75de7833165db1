/** The configuration, looked at without starting anything. */
import { randomUUID } from 'node:crypto';

import { ConfigError } from '../../config/problems.ts';
import type { Call, CommandSpec, Result } from '../command.ts';
import { EXIT } from '../failure.ts';
import { safeJson } from '../text.ts';

export const configCheck: CommandSpec = {
  name: 'config check',
  about: 'check the configuration: every mistake at once, with file, line and remedy',
  kind: 'local',
  options: [{ flags: '--file <path>', about: 'which one (else TOCSIN_CONFIG, else tocsin.yaml)' }],
  examples: ['tocsin config check', 'tocsin config check --file deploy/tocsin.yaml'],
  run: check,
};

export const configSchema: CommandSpec = {
  name: 'config schema',
  about: 'print the JSON Schema of tocsin.yaml, for editors',
  kind: 'local',
  examples: ['tocsin config schema > tocsin.schema.json'],
  run: async () => {
    const { configJsonSchema } = await import('../../config/json-schema.ts');
    const schema = configJsonSchema();
    return { text: safeJson(schema), json: schema };
  },
};

async function check({ context, options }: Call): Promise<Result> {
  // Loaded here: the schema is the largest part of all, and no other command needs it.
  const { loadConfig } = await import('../../config/load.ts');
  const { env, cwd } = context;
  const path = options.text('file');
  try {
    // The sample's sources take a token that `tocsin up` makes; here any will do.
    const { file, warnings, notYet } = loadConfig({ path, env, cwd, sampleToken: randomUUID() });
    const lines = [
      ...warnings.map((warning) => `warning: ${warning}`),
      ...notYet.map((line) => `not yet: ${line}`),
      `${file ?? 'no configuration file: the sample organization'}: in order`,
    ];
    return { text: lines.join('\n'), json: { file, problems: [], warnings, notYet } };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const json = { file: error.problems[0]?.file ?? null, problems: error.problems, warnings: [], notYet: [] };
    return { text: error.format(), json, exitCode: EXIT.configuration };
  }
}
