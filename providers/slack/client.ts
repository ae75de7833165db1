/**
 * Slack's Web API: one call, one response. https://docs.slack.dev/apis/web-api. Throws only `DeliveryError`, which
 * holds Slack's error code and nothing else of its response.
 */
import { DeliveryError, type FailureKind } from '../../runtime/failures.ts';
import { callVendor, jsonOf, retryAfterOf } from '../shared/http.ts';

const VENDOR = 'slack';

/** Methods that read take their arguments as a form; JSON is for those that write. */
const READS: ReadonlySet<string> = new Set(['conversations.history', 'conversations.replies', 'users.conversations']);

export type SlackArgs = Readonly<Record<string, string | number | boolean | object>>;
export type SlackBody = Readonly<Record<string, unknown>>;

export interface SlackClient {
  /** `expected`: error codes that the caller handles; they are returned as `body.error` and throw nothing. */
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
      const code = slackErrorIn(body['error']);
      if (code !== null && expected.includes(code)) return body;
      throw failure(body, code, retryAfterOf(answer));
    },
  };
}

function failure({ ok }: SlackBody, code: string | null, retryAfterMs: number | null): DeliveryError {
  if (ok !== false) return new DeliveryError(VENDOR, { code: 'malformed answer' });
  if (code === null) return new DeliveryError(VENDOR, { code: 'an error without a name', kind: 'rejected' });
  return new DeliveryError(VENDOR, { code, kind: failureKindOfSlackError(code), retryAfterMs });
}

function formOf(args: SlackArgs): URLSearchParams {
  const form = new URLSearchParams();
  for (const [name, value] of Object.entries(args)) {
    form.set(name, typeof value === 'object' ? JSON.stringify(value) : String(value));
  }
  return form;
}

/** The expected error code that Slack returned, or null on success. */
export function refusalOf(body: SlackBody): string | null {
  return body['ok'] === true ? null : slackErrorIn(body['error']);
}

/** A part of a response that must be there. Throws `retryable`: Slack itself is at fault. */
export function textIn(body: SlackBody, name: string): string {
  const value = body[name];
  if (typeof value === 'string' && value !== '') return value;
  throw new DeliveryError(VENDOR, { code: 'malformed answer' });
}

/** The objects of a list; other elements are left out. */
export function listIn(body: SlackBody, name: string): readonly SlackBody[] {
  const value = body[name];
  if (!Array.isArray(value)) throw new DeliveryError(VENDOR, { code: 'malformed answer' });
  return value.filter((item): item is SlackBody => typeof item === 'object' && item !== null);
}

/** An object inside a response; empty when it is not one. */
export function objectIn(body: SlackBody, name: string): SlackBody {
  const value = body[name];
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as SlackBody) : {};
}

/** The cursor of the next page; null at the end. */
export function cursorOf(body: SlackBody): string | null {
  const cursor = objectIn(body, 'response_metadata')['next_cursor'];
  return typeof cursor === 'string' && cursor !== '' ? cursor : null;
}

/** https://docs.slack.dev/reference/methods: errors of all methods, and of those that we call. */
const LATER: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  // Some of it may have been done: the next attempt checks first.
  'fatal_error',
  'internal_error',
  'service_unavailable',
  'request_timeout',
  'team_added_to_org',
  'accesslimited',
  'fetch_members_failed',
  'external_channel_migrating',
]);

const REFUSED: ReadonlySet<string> = new Set([
  'msg_too_long',
  'no_text',
  'too_long',
  'invalid_blocks',
  'invalid_blocks_format',
  'too_many_attachments',
  'invalid_attachments',
  'invalid_metadata_format',
  'invalid_metadata_schema',
  'metadata_too_large',
  'cannot_parse_attachment',
  'slack_connect_blocked_file_type',
  'duplicate_message_not_found',
  'duplicate_channel_not_found',
  'markdown_text_conflict',
]);

/** A token, a permission, a channel, a member: a person has to fix it. */
const SETTINGS =
  /auth|token|scope|account|access|permission|login|team|org|enterprise|restricted|channel|user|not_allowed|deprecated|disabled|archived|cant_|two_factor|as_bot/;

/** One of Slack's error codes, and nothing that could be somebody's text. */
const WORD = /^[a-z_]{1,64}$/;

function failureKindOfSlackError(code: string): FailureKind {
  if (LATER.has(code)) return 'retryable';
  if (REFUSED.has(code)) return 'rejected';
  return SETTINGS.test(code) ? 'misconfigured' : 'rejected';
}

/** Slack's error code, if it is one. */
function slackErrorIn(error: unknown): string | null {
  return typeof error === 'string' && WORD.test(error) ? error : null;
}

const PAGE = 200;
const PAGES = 10;

/** The bot may not look it up: it counts as missing. */
const MAY_NOT_LOOK = ['missing_scope', 'not_allowed_token_type', 'no_permission'];

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly purpose: string;
}

/** The id of a channel or a member, as opposed to a name; used as it is. */
export function isId(nameOrId: string): boolean {
  return /^[CDGUW][A-Z0-9]{6,}$/.test(nameOrId);
}

/** The bot's channels that satisfy `fits`, of at most two thousand. */
export async function findChannels(
  client: SlackClient,
  fits: (nameOrId: SlackChannel) => boolean,
  signal: AbortSignal,
): Promise<readonly SlackChannel[]> {
  const found: SlackChannel[] = [];
  const types = 'public_channel,private_channel';
  let cursor: string | null = '';
  for (let page = 0; page < PAGES && cursor !== null; page += 1) {
    const args = { types, exclude_archived: true, limit: PAGE, ...(cursor === '' ? {} : { cursor }) };
    const body: SlackBody = await client.call('users.conversations', args, signal, MAY_NOT_LOOK);
    if (refusalOf(body) !== null) return [];
    found.push(...listIn(body, 'channels').flatMap(channelOf).filter(fits));
    cursor = cursorOf(body);
  }
  return found;
}

function channelOf(channel: SlackBody): readonly SlackChannel[] {
  const { id, name, created } = channel;
  if (typeof id !== 'string' || typeof name !== 'string') return [];
  const purpose = objectIn(channel, 'purpose')['value'];
  return [
    {
      id,
      name,
      isPrivate: channel['is_private'] === true,
      createdAt: typeof created === 'number' ? created * 1000 : 0,
      purpose: typeof purpose === 'string' ? purpose : '',
    },
  ];
}
