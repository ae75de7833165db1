/** Direct messages to people, and stakeholder updates to channels or members. Quiet: a Slack message wakes nobody. */
import type { Contact, Page, StakeholderContact } from '../../activities/ports.ts';
import { DeliveryError } from '../../runtime/failures.ts';
import { incidentNameLines } from '../shared/page-text.ts';
import type { SlackClient } from './client.ts';
import { line, link, slackText } from './mrkdwn.ts';
import { posterFor } from './post-once.ts';

const PAGE_LENGTH = 3_000;
const UPDATE_LENGTH = 3_500;

/**
 * `member`: a member id, such as `U024BE7LH`. `method` names it in keys and deliveries. Slack does not recognize a
 * repeated message; this process ignores a key that it remembers.
 */
export function slackContact(client: SlackClient, member: string, method: string): Contact {
  const postOnce = posterFor(client);
  return {
    method,
    quiet: true,
    send: async (page, signal) => {
      const result = await postOnce({ to: member, key: page.key, text: textOf(page), since: null }, signal);
      if ('gone' in result) throw new DeliveryError('slack', { code: result.gone, kind: 'misconfigured' });
    },
  };
}

/** More would push the acknowledge link out of sight. */
const NAMES_SHOWN = 50;
const NAME_LENGTH = 200;

function textOf(page: Page): string {
  const { kind, text, incident, acknowledgeUrl } = page;
  const isTest = kind === 'test' && !/\bTEST\b/.test(text);
  return [
    `${isTest ? '[TEST] ' : ''}${slackText(text, PAGE_LENGTH)}`,
    ...incidentNameLines(page, NAMES_SHOWN).map((name) => slackText(name, NAME_LENGTH)),
    link(incident.url, incident.reference ?? incident.title),
    ...(kind === 'notification' ? [] : [link(acknowledgeUrl, 'Acknowledge')]),
  ].join('\n');
}

const SUBJECT_LENGTH = 200;

/** `to`: a channel's name or id, or a member's id. */
export function slackStakeholderUpdates(client: SlackClient, to: string, method: string): StakeholderContact {
  const postOnce = posterFor(client);
  return {
    method,
    send: async ({ key, at, mayBeRepeat, subject, text }, signal) => {
      const message = `*${line(subject, SUBJECT_LENGTH)}*\n${slackText(text, UPDATE_LENGTH)}`;
      const result = await postOnce({ to, key, text: message, since: mayBeRepeat ? at : null }, signal);
      if ('gone' in result) throw new DeliveryError('slack', { code: result.gone, kind: 'misconfigured' });
    },
  };
}
