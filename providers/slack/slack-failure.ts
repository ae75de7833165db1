/** What Slack's error words mean for the retry. Slack answers 200 with `ok: false` for nearly all of them. */
import type { FailureKind } from '../../runtime/failures.ts';

/** https://docs.slack.dev/reference/methods: errors that every method may answer, and those of the methods we call. */
const LATER: ReadonlySet<string> = new Set([
  'ratelimited',
  'rate_limited',
  'message_limit_exceeded',
  // Some of it may have been done: the next try looks first.
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

/** A token, a right, a channel, a member: a person has to mend it. */
const SETTINGS =
  /auth|token|scope|account|access|permission|login|team|org|enterprise|restricted|channel|user|not_allowed|deprecated|disabled|archived|cant_|two_factor|as_bot/;

/** A word that Slack may answer, and nothing that could be somebody's text. */
const WORD = /^[a-z_]{1,64}$/;

export function failureKindOfSlackError(word: string): FailureKind {
  if (LATER.has(word)) return 'retryable';
  if (REFUSED.has(word)) return 'rejected';
  return SETTINGS.test(word) ? 'misconfigured' : 'rejected';
}

/** Slack's word where it is one. */
export function slackErrorIn(error: unknown): string | null {
  return typeof error === 'string' && WORD.test(error) ? error : null;
}
