/**
 * Reads the server's answers: what each status means for the person who asked, and for the exit code.
 */
import type { AxiosResponse } from 'axios';

import type { Answer } from './client.ts';
import { CliError, EXIT, type ExitCode, type FailureDetails } from './failure.ts';
import { commandNameOf } from './names.ts';

export interface Where {
  readonly base: string;
  readonly timeoutMs: number;
  readonly requestId: string;
  /** The request would have changed something. */
  readonly changing: boolean;
}

/** A 2xx answer in JSON; throws `CliError` for every other. */
export function judge(response: AxiosResponse<string>, where: Where): Answer {
  const body = parseObject(response);
  const { status } = response;
  if (body === null) {
    throw new CliError(
      EXIT.unavailable,
      `${undone(where)}: ${where.base} answered ${status} without JSON, which Tocsin never does`,
      {
        hint: 'is that a proxy or a sign-in page? Check TOCSIN_URL',
      },
    );
  }
  if (status >= 200 && status < 300) return { status, body, now: clockOf(response) };
  throw refusal(status, body, where);
}

/** The text of a 2xx answer of one of these media types; throws `CliError` for every other. */
export function judgeDocument(response: AxiosResponse<string>, types: readonly string[], where: Where): string {
  const { status, data } = response;
  if (status < 200 || status >= 300) judge(response, where);
  const type: unknown = response.headers['content-type'];
  const media = typeof type === 'string' ? (type.split(';')[0] ?? '').trim().toLowerCase() : 'nothing';
  if (types.includes(media) && data.trim() !== '') return data;
  throw new CliError(EXIT.unavailable, `no answer: ${where.base} answered ${status} with ${media}, not the document`, {
    hint: 'is that a proxy or a sign-in page? Check TOCSIN_URL',
  });
}

/** The request got no answer: refused, cut off, or too late. */
export function noAnswer(error: Error & { code?: string }, where: Where): CliError {
  const late = error.name === 'CanceledError' || error.name === 'AbortError' || error.code === 'ECONNABORTED';
  const why = late ? `no answer within ${where.timeoutMs / 1000} s` : (error.code ?? error.message);
  const never = error.code === 'ECONNREFUSED' || error.code === 'ENOTFOUND';
  return new CliError(EXIT.unavailable, `${undone(where)}: ${where.base}: ${why}`, {
    hint: never
      ? 'is Tocsin running there? (tocsin up; TOCSIN_URL)'
      : where.changing
        ? `it may have happened all the same: look with tocsin show, or send the same again with --request-id ${where.requestId}`
        : 'try again',
  });
}

function refusal(status: number, body: Readonly<Record<string, unknown>>, where: Where): CliError {
  const said = text(body['detail']) ?? text(body['reason']) ?? text(body['title']) ?? `status ${status}`;
  const { exitCode, message, hint } = meaning(status, said, where);
  const problems = problemsOf(body['problems']).filter((problem) => problem.message !== said);
  const allowed = textsOf(body['allowed']).map(commandNameOf);
  const details: FailureDetails = {
    ...(hint === undefined ? {} : { hint }),
    ...(problems.length === 0 ? {} : { problems }),
    ...(allowed.length === 0 ? {} : { allowed }),
  };
  return new CliError(exitCode, message, details);
}

function meaning(status: number, said: string, where: Where): { exitCode: ExitCode; message: string; hint?: string } {
  if (status === 400 || status === 413 || status === 415)
    return { exitCode: EXIT.usage, message: `not understood: ${said}` };
  if (status === 401) {
    return {
      exitCode: EXIT.refused,
      message: `refused: ${said}`,
      hint: 'set TOCSIN_TOKEN (tocsin token create makes one)',
    };
  }
  if (status === 403) {
    return {
      exitCode: EXIT.refused,
      message: `refused: ${said}`,
      hint: 'this token may not do that: ask an administrator',
    };
  }
  if (status === 404) return { exitCode: EXIT.notFound, message: `not found: ${said}` };
  if (status === 422) return { exitCode: EXIT.configuration, message: `refused: ${said}` };
  if (status < 500 && status >= 400 && status !== 429) return { exitCode: EXIT.refused, message: `refused: ${said}` };
  return {
    exitCode: EXIT.unavailable,
    message: `${undone(where)}: ${where.base} answered ${status}: ${said}`,
    hint: 'try again',
  };
}

function undone({ changing }: Where): string {
  return changing ? 'not acknowledged' : 'no answer';
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

function clockOf({ headers }: AxiosResponse<string>): number {
  const date: unknown = headers['date'];
  const at = typeof date === 'string' ? Date.parse(date) : NaN;
  return Number.isNaN(at) ? Date.now() : at;
}

function text(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
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
