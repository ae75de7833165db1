/**
 * The parts of the system that only some commands need, loaded when they are called: `tocsin ack` must answer at
 * once, on a laptop where nothing else is ever started. Tokens are changed in the state directory, with an audit entry.
 */
import { CliError, EXIT } from './cli-error.ts';
import type { LazyProcesses, Rotated } from './command.ts';

type TokenProcesses = Pick<LazyProcesses, 'createToken' | 'rotateToken' | 'revokeToken' | 'listTokens'>;

const tokenProcesses: TokenProcesses = {
  createToken: ({ home, warn, ...token }) =>
    audited({ home, warn, command: 'token.create', subject: token.name }, async () =>
      (await tokensIn(home)).create(token),
    ),
  rotateToken: ({ home, warn, name, ...rotation }) =>
    audited({ home, warn, command: 'token.rotate', subject: name }, async (): Promise<Rotated> =>
      (await tokensIn(home)).rotate(name, rotation),
    ),
  revokeToken: ({ home, warn, name }) =>
    audited({ home, warn, command: 'token.revoke', subject: name }, async () => (await tokensIn(home)).revoke(name)),
  listTokens: async (home) => {
    try {
      return await (await tokensIn(home)).list();
    } catch (error) {
      throw await failureOf(error);
    }
  },
};

async function tokensIn(home: string) {
  const { createTokenStore, tokenFileOf } = await import('../webhook-server/security/token-store.ts');
  return createTokenStore(tokenFileOf(home));
}

interface TokenAction {
  readonly home: string;
  readonly command: string;
  readonly subject: string;
  readonly warn: (text: string) => void;
}

/** Does it and audits the outcome. An entry that cannot be written is reported, and stops nothing. */
async function audited<T>({ warn, ...action }: TokenAction, act: () => Promise<T>): Promise<T> {
  const { auditLocalAction } = await import('../webhook-server/audit/audit-files.ts');
  const note = async (outcome: 'done' | 'refused' | 'failed'): Promise<void> => {
    if (!(await auditLocalAction({ ...action, outcome }))) warn('the audit could not be written: look at TOCSIN_HOME');
  };
  let answer: T;
  try {
    answer = await act();
  } catch (error) {
    const failure = await failureOf(error);
    await note(failure.exitCode === EXIT.configuration ? 'failed' : 'refused');
    throw failure;
  }
  await note('done');
  return answer;
}

const REFUSALS = {
  taken: { exitCode: EXIT.refused },
  unknown: { exitCode: EXIT.notFound, hint: 'see tocsin token list' },
  expired: { exitCode: EXIT.refused, hint: 'give it one with --expires 90d' },
} as const;

/** An unwritable state directory, or a file that somebody broke, is for the operator to fix. */
async function failureOf(error: unknown): Promise<CliError> {
  const { TokenRefused } = await import('../webhook-server/security/token-rows.ts');
  if (error instanceof TokenRefused) {
    const { exitCode, ...details } = REFUSALS[error.why];
    return new CliError(exitCode, `refused: ${error.message}`, details);
  }
  const reason = error instanceof Error ? error.message : String(error);
  return new CliError(EXIT.configuration, `the tokens cannot be reached: ${reason}`, { hint: 'look at TOCSIN_HOME' });
}

export const processes: LazyProcesses = {
  up: async (options) => (await import('../embedded/up.ts')).up(options),
  server: async (options) => (await import('../webhook-server/main.ts')).main(options),
  worker: async (options) => (await import('../worker/main.ts')).main(options),
  rebuildRecords: async (options) => (await import('../worker/rebuild-records.ts')).main(options),
  ...tokenProcesses,
};
