/**
 * Slack's Web API: one call, one answer. https://docs.slack.dev/apis/web-api. Fails with `DeliveryError` only, which
 * holds Slack's error word and nothing else of its answer.
 */
import { DeliveryError } from '../../runtime/failures.ts';
import { callVendor, jsonOf, retryAfterOf } from '../shared/http.ts';
import { failureKindOfSlackError, slackErrorIn } from './slack-failure.ts';

const VENDOR = 'slack';

/** Reading methods take their arguments as a form: JSON is for those that write. */
const READS: ReadonlySet<string> = new Set(['conversations.history', 'conversations.replies', 'users.conversations']);

export type SlackArgs = Readonly<Record<string, string | number | boolean | object>>;
export type SlackBody = Readonly<Record<string, unknown>>;

export interface SlackClient {
  /** `expected`: error words that are answers to this caller; they come back as `body.error`, and throw nothing. */
  call(method: string, args: SlackArgs, signal: AbortSignal, expected?: readonly string[]): Promise<SlackBody>;
}

export function slackClient({ botToken, apiUrl }: { botToken: string; apiUrl: string }): SlackClient {
  const base = apiUrl.replace(/\/+$/, '');
  const authorization = `Bearer ${botToken}`;
  return {
    call: async (method, args, signal, expected = []) => {
      const reads = READS.has(method);
      const type = reads ? 'application/x-www-form-urlencoded' : 'application/json';
      const headers = { authorization, 'content-type': `${type}; charset=utf-8` };
      const request = { method: 'POST', url: `${base}/${method}`, body: reads ? formOf(args) : args, headers } as const;
      const answer = await callVendor(VENDOR, request, signal);
      const body = jsonOf(VENDOR, answer);
      if (body['ok'] === true) return body;
      const word = slackErrorIn(body['error']);
      if (word !== null && expected.includes(word)) return body;
      throw failure(body, word, retryAfterOf(answer));
    },
  };
}

function failure({ ok }: SlackBody, word: string | null, retryAfterMs: number | null): DeliveryError {
  if (ok !== false) return new DeliveryError(VENDOR, { code: 'malformed answer' });
  if (word === null) return new DeliveryError(VENDOR, { code: 'an error without a name', kind: 'rejected' });
  return new DeliveryError(VENDOR, { code: word, kind: failureKindOfSlackError(word), retryAfterMs });
}

function formOf(args: SlackArgs): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(args)) {
    form.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return form;
}

/** What was expected and came: Slack's error word, or null when all is well. */
export function refusalOf(body: SlackBody): string | null {
  return body['ok'] === true ? null : slackErrorIn(body['error']);
}

/** A part of an answer that must be there. Throws `later`: Slack is not well. */
export function textIn(body: SlackBody, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new DeliveryError(VENDOR, { code: 'malformed answer' });
}

/** The objects of a list; whatever else is in it is left out. */
export function listIn(body: SlackBody, name: string): readonly SlackBody[] {
  const value = body[name];
  if (!Array.isArray(value)) throw new DeliveryError(VENDOR, { code: 'malformed answer' });
  return value.filter((item): item is SlackBody => typeof item === 'object' && item !== null);
}

/** An object inside an answer; empty when it is not one. */
export function objectIn(body: SlackBody, name: string): SlackBody {
  const value = body[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as SlackBody) : {};
}

/** Where the next page begins; null at the end. */
export function cursorOf(body: SlackBody): string | null {
  const cursor = objectIn(body, 'response_metadata')['next_cursor'];
  return typeof cursor === 'string' && cursor !== '' ? cursor : null;
}
