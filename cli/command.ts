/**
 * What a command is: one row of the table in `commands/index.ts`. `program.ts` turns rows into a command line.
 */
import type { CommandConsequence } from './api/api-response.ts';
import type { ApiClient } from './api/api-client.ts';
import type { ExitCode } from './cli-error.ts';

/** Everything a command may know of the process around it. */
export interface CliContext {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Where relative paths begin. */
  readonly cwd: string;
  readonly version: string;
  /** Writes to standard output. */
  readonly out: (text: string) => void;
  /** Writes to standard error. */
  readonly err: (text: string) => void;
  readonly processes: LazyProcesses;
  /** All tries of one request together, ms. */
  readonly timeoutMs?: number;
  /** Asks the person at the terminal; absent where there is none. Nothing said: an empty text. */
  readonly ask?: (question: string) => Promise<string>;
  /** Standard output is a terminal: what a command repeats may be drawn over. */
  readonly tty?: boolean;
  /** How long commands that follow something wait between two looks, ms; each command has its own unless set. */
  readonly pollIntervalMs?: number;
}

type Process = (options: { readonly env: CliContext['env'] }) => Promise<number>;

/** Parts of the system that only some commands need: loaded when called, so that `tocsin ack` starts at once. */
export interface LazyProcesses {
  readonly up: (options: { readonly env: CliContext['env']; readonly verbose: boolean }) => Promise<number>;
  readonly server: Process;
  readonly worker: Process;
  readonly rebuildRecords: Process;
  /** These three throw `CliError` (1, 2, 78) and are audited; `warn` is called when auditing fails. */
  readonly createToken: (token: {
    readonly home: string;
    readonly name: string;
    readonly person: string | null;
    readonly role: TokenRole;
    /** Epoch ms; null: never. */
    readonly expiresAt: number | null;
    readonly warn: CommandCall['warn'];
  }) => Promise<string>;
  readonly rotateToken: (rotation: {
    readonly home: string;
    readonly name: string;
    readonly graceMs: number;
    /** Absent: it ends when it would have ended. */
    readonly expiresAt?: number | null;
    readonly warn: CommandCall['warn'];
  }) => Promise<Rotated>;
  readonly revokeToken: (token: {
    readonly home: string;
    readonly name: string;
    readonly warn: CommandCall['warn'];
  }) => Promise<void>;
  readonly listTokens: (home: string) => Promise<readonly TokenRow[]>;
}

type TokenRole = 'viewer' | 'responder' | 'admin';

export interface Rotated {
  readonly token: string;
  /** RFC 3339; null: the secret before has ended. */
  readonly oldUntil: string | null;
}

/** Times are RFC 3339. */
export interface TokenRow {
  readonly name: string;
  readonly person: string | null;
  readonly role: TokenRole;
  readonly keyId: string;
  readonly createdAt: string;
  readonly expiresAt: string | null;
  readonly lastUsedAt: string | null;
  /** Secrets that were rotated away and still work. */
  readonly old: readonly { readonly until: string; readonly lastUsedAt: string | null }[];
}

export interface ArgumentSpec {
  readonly name: string;
  readonly about: string;
  readonly optional?: true;
  /** Taken in any case, handed on as written here. */
  readonly choices?: readonly string[];
}

export interface OptionSpec {
  /** `--reason <text>`; without `<…>` it is a switch. */
  readonly flags: string;
  readonly about: string;
  readonly required?: true;
  /** May be given several times. */
  readonly many?: true;
  readonly choices?: readonly string[];
}

export interface CommandCall {
  readonly context: CliContext;
  /** Positional arguments by name. */
  readonly args: Readonly<Record<string, string | undefined>>;
  readonly options: CommandOptions;
  /** Of an `open` command: everything that is not an option of its own, in order. */
  readonly words: readonly string[];
  /** Made when first asked for: refuses a bad address before anything is sent. */
  readonly client: () => ApiClient;
  /** Warnings for people, on standard error. */
  readonly warn: (text: string) => void;
}

export interface CommandOptions {
  text(name: string): string | undefined;
  list(name: string): readonly string[];
  flag(name: string): boolean;
}

/** What a command prints: `text` for people, `json` for programs. */
export interface CommandResult {
  readonly text: string;
  readonly json: unknown;
  /** `text` is a document: every byte of it counts when it goes anywhere but a terminal. */
  readonly exact?: true;
  readonly exitCode?: ExitCode;
}

/** Another name of a command; with options, the command with these. */
export type Alias = string | readonly [name: string, ...options: string[]];

export interface CommandSpec {
  /** `ack`, or `config check`. */
  readonly name: string;
  /** Other names that do the same. */
  readonly aliases?: readonly Alias[];
  /** Synonyms, answered with "did you mean", since they may mean another command as well. */
  readonly suggestedFor?: readonly string[];
  readonly about: string;
  readonly args?: readonly ArgumentSpec[];
  readonly options?: readonly OptionSpec[];
  /** It takes arguments and options that this table does not know; its usage shows them like this. */
  readonly open?: string;
  readonly examples: readonly [string, ...string[]];
  /** `api`: over HTTP (`--json --insecure --request-id`); `local`: answers by itself (`--json`); `process`: runs on. */
  readonly kind: 'api' | 'local' | 'process';
  /** Printed when its request failed. Only for commands that change something. */
  readonly consequence?: CommandConsequence;
  /** `--json` gives one value a line, as things happen; a failure is a line too. */
  readonly lines?: true;
  run(call: CommandCall): Promise<CommandResult | number>;
}

/** The incident a command is about. */
export const ID: ArgumentSpec = {
  name: 'id',
  about: 'the incident: INC-2026-003, INC-003, or its workflow id (inc-…)',
};

/** Only administrators may act for somebody else. `TOCSIN_AS` is its default. */
export const AS: OptionSpec = { flags: '--as <person>', about: 'act for this person (admin tokens only)' };
