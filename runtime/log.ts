/** The log of a process: one line an event; readable at a terminal, JSON elsewhere and in the file. */
import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';
import { pino } from 'pino';

export type Log = pino.Logger;

export interface LogSettings {
  /** `trace`, `debug`, `info`, `warn`, `error` or `silent`; `TOCSIN_LOG_LEVEL` sets it. */
  readonly level: string;
  /** JSON lines are also written here; null: nowhere. */
  readonly file: string | null;
  /** `problems`: only our own warnings and errors, as text for people; everything unless given. */
  readonly terminal?: 'everything' | 'problems';
}

/** Marks entries from inside the Temporal SDK: useful in the file, noise to people. */
export const FROM_TEMPORAL_SDK = { from: 'temporal-sdk' };

const LEVELS = ['trace', 'debug', 'info', 'warn', 'error', 'fatal', 'silent'];
const FILE_BYTES = 20_000_000;
/** Redacted wherever it appears, up to one level deep. */
const SECRETS = [
  ...['token', 'secret', 'password', 'authorization', 'apiKey', 'botToken', 'signingSecret', 'routingKey', 'smtp'],
  'databaseUrl',
];

/** Logs go to stderr: stdout belongs to results. */
export function createLog({ level, file, terminal = 'everything' }: LogSettings): Log {
  const everything = process.stderr.isTTY ? { write: writeReadable } : process.stderr;
  const streams: pino.StreamEntry<pino.Level>[] = [
    terminal === 'problems'
      ? { level: 'warn', stream: { write: writeProblem } }
      : { level: 'trace', stream: everything },
  ];
  if (file !== null) streams.push({ level: 'trace', stream: openLogFile(file, FILE_BYTES) });
  return pino(
    {
      level: LEVELS.includes(level) ? level : 'info',
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      redact: [...SECRETS, ...SECRETS.map((name) => `*.${name}`)],
    },
    pino.multistream(streams),
  );
}

function writeReadable(line: string): void {
  process.stderr.write(`${readableLogLine(line)}\n`);
}

function writeProblem(line: string): void {
  const text = problemLogLine(line);
  if (text !== null) process.stderr.write(`${text}\n`);
}

interface LogLine {
  readonly level: string;
  readonly time: string;
  readonly msg?: string;
  readonly [field: string]: unknown;
}

/** `{"level":"warn","time":…,"msg":"no answer","to":"ana"}` → `14:30:05 warn  no answer to=ana`. */
export function readableLogLine(line: string): string {
  const { level, time, msg, err, ...rest } = JSON.parse(line) as LogLine;
  const fields = Object.entries(rest).map(([name, value]) => `${name}=${shortValue(value)}`);
  const error = err === undefined ? [] : [shortValue((err as { message?: unknown }).message ?? err)];
  return [time.slice(11, 19), level.padEnd(5), printable(msg ?? ''), ...fields, ...error].join(' ');
}

/** `! no answer (ECONNREFUSED)`: the problem as text, with details left to the file; null for the SDK's entries. */
export function problemLogLine(line: string): string | null {
  const { msg, err, from } = JSON.parse(line) as LogLine;
  if (from === FROM_TEMPORAL_SDK.from) return null;
  const reason = err === undefined ? '' : ` (${shortValue((err as { message?: unknown }).message ?? err)})`;
  return `! ${printable(msg ?? '')}${reason}`;
}

function shortValue(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return printable(text.length > 200 ? `${text.slice(0, 200)}…` : text);
}

/** Titles come from outside: an escape sequence in one must not control the terminal. */
export function printable(text: string): string {
  // eslint-disable-next-line no-control-regex
  return text.replace(/[\u0000-\u001f\u007f-\u009f]/g, ' ');
}

export interface LogFile {
  write(line: string): void;
  close(): void;
}

/**
 * Appends whole lines; beyond `maxBytes` the file becomes `<path>.1` (the one before it is dropped). A full disk loses
 * lines of the log, never the process.
 */
export function openLogFile(path: string, maxBytes: number): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  let fd = openSync(path, 'a', 0o600);
  let size = sizeOf(path);

  const roll = (): void => {
    closeSync(fd);
    renameSync(path, `${path}.1`);
    fd = openSync(path, 'a', 0o600);
    size = 0;
  };

  return {
    write(line) {
      try {
        if (size + line.length > maxBytes) roll();
        size += writeSync(fd, line);
      } catch {
        // There is nowhere to report it.
      }
    },
    close: () => closeSync(fd),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
