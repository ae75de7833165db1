/** Slack: its settings and what it provides. */
import type { z } from 'zod';
import { baseUrl, channel, secret, strict, token } from '../../runtime/setting-schemas.ts';
import { targetLike, type Vendor } from '../vendor.ts';
import { slackChat } from './chat.ts';
import { slackClient } from './client.ts';
import { slackContact, slackStakeholderUpdates } from './contact.ts';

const schema = strict({
  botToken: token,
  /** Verifies Slack's requests to us. */
  signingSecret: secret.optional(),
  apiUrl: baseUrl.default('https://slack.com/api'),
  /** For incidents whose team names no channel. */
  channel: channel.optional(),
});

/** A member, or a channel by name or id. */
const memberOrChannel = targetLike(
  'a Slack channel such as "#support", or a member id such as U024BE7LH',
  /^(#?[\p{Ll}\p{Lo}\p{N}_-]{1,80}|[CGUW][A-Z0-9]{6,20})$/u,
).transform((name) => name.replace(/^#/, ''));

export const slack = {
  settings: {
    at: 'chat.slack' as const,
    schema,
    example: 'chat: { slack: { botToken: "${SLACK_BOT_TOKEN}" } }',
  },
  contacts: {
    slack: { target: targetLike('a Slack member id such as U024BE7LH', /^[UW][A-Z0-9]{2,20}$/), quiet: true },
  },
  stakeholderContacts: { slack: memberOrChannel },
  connect: (settings) => {
    const client = slackClient(settings);
    return {
      contact: (member, method) => slackContact(client, member, method),
      stakeholderContact: (to, method) => slackStakeholderUpdates(client, to, method),
      chat: ({ channelOf, targetOf, ...organization }) =>
        slackChat({
          ...organization,
          client,
          channelOf: (team) => channelOf(team) ?? settings.channel ?? null,
          memberOf: (person) => targetOf(person, 'slack'),
        }),
    };
  },
} satisfies Vendor<z.output<typeof schema>>;
