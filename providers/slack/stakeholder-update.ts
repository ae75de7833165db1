/** A stakeholder update as a message in Slack: to a channel, or to one member. */
import { DeliveryError } from '../../runtime/failures.ts';
import type { StakeholderContact } from '../../activities/ports.ts';
import type { SlackClient } from './client.ts';
import { line, slackText } from './mrkdwn.ts';
import { posterFor } from './post-once.ts';

const SUBJECT_LENGTH = 200;
const TEXT_LENGTH = 3_500;

/** `to`: a channel's name or id, or a member's id. */
export function slackStakeholderUpdates(client: SlackClient, to: string, method: string): StakeholderContact {
  const say = posterFor(client);
  return {
    method,
    send: async ({ key, at, mayBeRepeat, subject, text }, signal) => {
      const words = `*${line(subject, SUBJECT_LENGTH)}*\n${slackText(text, TEXT_LENGTH)}`;
      const said = await say({ to, key, text: words, since: mayBeRepeat ? at : null }, signal);
      if ('gone' in said) throw new DeliveryError('slack', { code: said.gone, kind: 'misconfigured' });
    },
  };
}
