/** Slack's words, and what they mean. */
import { slackClient } from '../../../providers/slack/client.ts';
import { startFakeSlack } from '../../support/fake-slack.ts';
import type { FakeSlack } from '../../support/fake-slack.ts';

let fake: FakeSlack;
beforeEach(async () => {
  fake = await startFakeSlack();
});
afterEach(() => fake.close());

const ask = (apiUrl = fake.url, botToken = fake.token) =>
  slackClient({ botToken, apiUrl }).call('conversations.create', { name: 'x' }, AbortSignal.timeout(5_000));

test.each([
  ['retryable', 'ratelimited fatal_error internal_error service_unavailable request_timeout team_added_to_org'],
  [
    'rejected',
    'msg_too_long no_text invalid_blocks too_many_attachments too_long invalid_arguments a_word_of_tomorrow',
  ],
  [
    'misconfigured',
    'invalid_auth token_expired token_revoked account_inactive not_authed missing_scope restricted_action channel_not_found not_in_channel is_archived no_permission not_allowed_token_type ekm_access_denied org_login_required user_not_found',
  ],
])('%s: %s', async (kind, words) => {
  for (const error of words.split(' ')) {
    fake.setFault('*', { kind: 'error', error });
    await expect(ask()).rejects.toMatchObject({ name: 'DeliveryError', message: `slack: ${error}`, kind });
  }
});

test.each(['You <b>cannot</b>', 'xoxb-1-secret', 'a'.repeat(65), ''])(
  'an error that is no word is not repeated: %s',
  async (error) => {
    fake.setFault('*', { kind: 'error', error });
    await expect(ask()).rejects.toMatchObject({ message: 'slack: an error without a name', kind: 'rejected' });
  },
);

test('429 says how long to wait', async () => {
  fake.setFault('*', { kind: 'rate-limit', seconds: 30 });
  await expect(ask()).rejects.toMatchObject({ kind: 'retryable', status: 429, retryAfterMs: 30_000 });
});

test('an address with a slash at its end is the same address', async () => {
  await expect(ask(`${fake.url}/`)).resolves.toMatchObject({ ok: true });
  expect(fake.unexpected).toEqual([]);
});

test('another token: a person has to mend it', async () => {
  await expect(ask(fake.url, 'xoxb-other')).rejects.toMatchObject({
    message: 'slack: invalid_auth',
    kind: 'misconfigured',
  });
});
