/**
 * Reads the server's answers: what each status means for the person who asked, and for the exit code.
 */
import type { AxiosResponse } from 'axios';

import type { ApiResponse } from './api-client.ts';
import { CliError, EXIT, noAnswer, type ExitCode, type FailureDetails } from '../cli-error.ts';
import { commandLineName } from '../../domain/kernel/commands.ts';
import { textsIn } from '../text/terminal-text.ts';

export interface RequestOutcome {
  readonly base: string;
  readonly loopback: boolean;
  readonly timeoutMs: number;
  readonly requestId: string;
  /** What the request, or an earlier try of it, may have done; null: certainly nothing. */
  readonly sent: CommandConsequence | null;
  /** What has not happened, where that is certain; null: nothing was to happen, or it has happened already. */
  readonly undone: string | null;
}

/** What a command means to people, for when its request failed. */
export interface CommandConsequence {
  /** Certainly not accepted: `nobody was paged`. */
  readonly undone: string;
  /** Perhaps taken: `it is not known whether …`. */
  readonly uncertain: string;
}

const PROXY = 'is that a proxy or a sign-in page? Check TOCSIN_URL';

/** A 2xx answer in JSON; throws `CliError` for every other. */
export function jsonAnswer(response: AxiosResponse<string>, where: RequestOutcome): ApiResponse {
  const body = parseObject(response);
  const { status } = response;
  if (body === null) {
    const message = `${where.base} answered ${status} without JSON, which Tocsin never does${outcomeOf(where)}`;
    throw noAnswer(message, PROXY);
  }
  if (status >= 200 && status < 300) return { status, body, now: serverTimeOf(response) };
  throw errorFor(status, body, where);
}

/** The text of a 2xx answer of one of these media types; throws `CliError` for every other. */
export function documentTextOf(
  response: AxiosResponse<string>,
  types: readonly string[],
  where: RequestOutcome,
): string {
  const { status, data } = response;
  if (status < 200 || status >= 300) jsonAnswer(response, where);
  const type: unknown = response.headers['content-type'];
  const media = typeof type === 'string' ? (type.split(';')[0] ?? '').trim().toLowerCase() : 'nothing';
  if (types.includes(media) && data.trim() !== '') return data;
  throw noAnswer(`no answer: ${where.base} answered ${status} with ${media}, not the document`, PROXY);
}

/** None of these requests was sent: nobody was there to take it. */
const NOT_SENT = ['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'EADDRNOTAVAIL'];

/** The request that failed this way was certainly not accepted. */
export const wasNotSent = ({ code = '' }: Error & { code?: string }): boolean => NOT_SENT.includes(code);

/** The request got no answer: refused, cut off, or too late. */
export function noAnswerError(error: Error & { code?: string }, where: RequestOutcome): CliError {
  const { base, loopback, timeoutMs, sent, requestId } = where;
  if (wasNotSent(error) && sent === null) {
    const start = 'npm start in its folder, or npx tocsin up';
    return new CliError(EXIT.unavailable, `nothing answers at ${base} (${error.code ?? ''})${outcomeOf(where)}`, {
      hint: loopback
        ? `start Tocsin (${start}); if it runs elsewhere, set TOCSIN_URL to its address`
        : `is Tocsin running there? TOCSIN_URL names the address; to start one here: ${start}`,
    });
  }
  const late = error.name === 'CanceledError' || error.name === 'AbortError' || error.code === 'ECONNABORTED';
  const why = late ? `no answer within ${timeoutMs / 1000} s` : (error.code ?? error.message);
  return new CliError(EXIT.unavailable, `no answer: ${base}: ${why}${outcomeOf(where)}`, {
    hint:
      sent === null
        ? 'try again'
        : `look first (tocsin list), or send the same again with --request-id ${requestId}: it counts once`,
  });
}

function outcomeOf({ sent, undone }: RequestOutcome): string {
  if (sent !== null) return `: it is not known whether ${sent.uncertain}`;
  return undone === null ? '' : `: ${undone}`;
}

function errorFor(status: number, body: Readonly<Record<string, unknown>>, where: RequestOutcome): CliError {
  const detail = text(body['detail']) ?? text(body['reason']) ?? text(body['title']) ?? `status ${status}`;
  const { exitCode, message, hint } = meaningOfStatus(status, detail, where);
  const problems = problemsOf(body['problems']).filter((problem) => problem.message !== detail);
  const allowed = textsIn(body['allowed']).map(commandLineName);
  const details: FailureDetails = {
    ...(hint === undefined ? {} : { hint }),
    ...(problems.length === 0 ? {} : { problems }),
    ...(allowed.length === 0 ? {} : { allowed }),
  };
  return new CliError(exitCode, message, details);
}

const REFUSED_HINTS: Readonly<Record<number, string>> = {
  401: 'set TOCSIN_TOKEN (tocsin token create makes one)',
  403: 'this token does not allow that: ask an administrator',
};

function meaningOfStatus(
  status: number,
  detail: string,
  where: RequestOutcome,
): { exitCode: ExitCode; message: string; hint?: string | undefined } {
  if (status === 400 || status === 413 || status === 415)
    return { exitCode: EXIT.usage, message: `not understood: ${detail}` };
  if (status === 404) return { exitCode: EXIT.notFound, message: `not found: ${detail}` };
  if (status === 422) return { exitCode: EXIT.configuration, message: `refused: ${detail}` };
  if (status < 500 && status >= 400 && status !== 429)
    return { exitCode: EXIT.refused, message: `refused: ${detail}`, hint: REFUSED_HINTS[status] };
  // A 503 already states what happened.
  const outcome = status === 503 ? '' : outcomeOf(where);
  const message = `failed: ${where.base} answered ${status}: ${detail}${outcome}`;
  return { exitCode: EXIT.unavailable, message, hint: 'try again' };
}

function parseObject({ data, headers }: AxiosResponse<string>): Record<string, unknown> | null {
  const type: unknown = headers['content-type'];
  if (typeof type !== 'string' || !/^application\/([\w.-]+\+)?json\b/i.test(type)) return null;
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? (value as Record<string, unknown>)
      : null;
  } catch (error) {
    if (error instanceof SyntaxError) return null;
    throw error;
  }
}

function serverTimeOf({ headers }: AxiosResponse<string>): number {
  const date: unknown = headers['date'];
  const at = typeof date === 'string' ? Date.parse(date) : NaN;
  return Number.isNaN(at) ? Date.now() : at;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function problemsOf(value: unknown): NonNullable<FailureDetails['problems']> {
  if (!Array.isArray(value)) return [];
  return value.flatMap((item: unknown) => {
    const { at, message, file, line } = (item ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof message !== 'string') return [];
    const where = typeof file === 'string' ? { file, line: typeof line === 'number' ? line : null } : {};
    return [{ at: typeof at === 'string' ? at : '', message, ...where }];
  });
}
