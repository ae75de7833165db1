/**
 * The parts of the system that only some commands need, loaded when they are called: `tocsin ack` must answer at
 * once, on a laptop where nothing else is ever started.
 */
import type { Processes } from './command.ts';
import { CliError, EXIT } from './failure.ts';

export const processes: Processes = {
  up: async (options) => (await import('../embedded/up.ts')).up(options),
  server: async (options) => (await import('../webhook-server/main.ts')).main(options),
  worker: async (options) => (await import('../worker/main.ts')).main(options),
  rebuildRecords: async (options) => (await import('../worker/rebuild-main.ts')).main(options),
  createToken: async ({ home, ...token }) => usable((await tokensIn(home)).create(token)),
  listTokens: async (home) => usable((await tokensIn(home)).list()),
};

async function tokensIn(home: string) {
  const { createTokenStore, tokenFileOf } = await import('../webhook-server/security/tokens.ts');
  return createTokenStore(tokenFileOf(home));
}

/** A state directory that may not be written, or a file somebody broke, is the operator's to mend. */
async function usable<T>(answer: Promise<T>): Promise<T> {
  try {
    return await answer;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new CliError(EXIT.configuration, `the tokens cannot be reached: ${reason}`, { hint: 'look at TOCSIN_HOME' });
  }
}
