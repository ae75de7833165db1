/**
 * Slack as the chat: an incident's own channel, else its team's, else nowhere; and the releases channel. A restricted
 * incident is told of in its own private channel only. https://docs.slack.dev/reference/methods
 */
import { DeliveryError } from '../../activities/failures.ts';
import type { Chat, ChatPost, Scene } from '../../activities/ports.ts';
import type { SlackClient } from './client.ts';
import { furnish, purpose } from './furnish.ts';

import { plain } from './mrkdwn.ts';
import { ownChannel } from './own-channel.ts';
import type { OwnChannel } from './own-channel.ts';
import { tellReleases } from './releases.ts';
import type { Desk } from './room.ts';
import { sayer } from './say.ts';
import type { Said } from './say.ts';
import { heading } from './summary.ts';

/** Slack cuts at 40,000 characters and asks for 4,000; escaping makes a text longer. */
const POST_LENGTH = 3_500;
/** What only furnishes a channel must not keep the next post waiting. */
const PURPOSE_MS = 2_000;
const FURNISH_MS = 4_000;

export interface SlackChatSettings {
  readonly client: SlackClient;
  /** A team's channel, by name or id; null: it has none. */
  readonly channelOf: (team: string) => string | null;
  readonly releasesChannel: string | null;
  /** A person's Slack member id; null when they have none. */
  readonly memberOf: (person: string) => string | null;
  /** IANA zone in which times are told. */
  readonly timeZone: string;
  readonly displayName: (person: string) => string;
}

export function slackChat(settings: SlackChatSettings): Chat {
  const { client, channelOf, releasesChannel, memberOf, timeZone, displayName } = settings;
  const desk: Desk = { client, say: sayer(client), memberOf, timeZone, displayName };
  return {
    post: async (post, scene, signal) => {
      const own = await ownChannel(client, timeZone, scene, post, signal);
      const room = own !== null && 'id' in own ? { desk, scene, ...own } : null;
      if (room?.fresh) await softly((bounded) => purpose({ ...room, signal: bounded }), PURPOSE_MS, signal);
      const where = await tell(desk, channelOf(scene.head.team), own, post, scene, signal);
      if (releasesChannel !== null) await tellReleases(desk.say, releasesChannel, where, post, scene, signal);
      if (room?.fresh) await softly((bounded) => furnish({ ...room, signal: bounded }), FURNISH_MS, signal);
    },
    refresh: async (scene, signal) => {
      const id = scene.refs()['slack.channel'];
      if (id !== undefined) await furnish({ desk, scene, id, fresh: false, signal });
    },
  };
}

/** Where it was said; null: nowhere, because there is no place for it. */
async function tell(
  desk: Desk,
  teamChannel: string | null,
  own: OwnChannel | null,
  post: ChatPost,
  scene: Scene,
  signal: AbortSignal,
): Promise<string | null> {
  const text = plain(post.text, POST_LENGTH);
  const { key, at, again } = post;
  const place = own !== null && 'id' in own ? own : null;
  if (place !== null) {
    const said = await desk.say({ to: place.id, key, text, since: again && !place.fresh ? at : null }, signal);
    if (!('gone' in said)) return said.channel;
  }
  const trouble = own !== null && 'trouble' in own ? own.trouble : null;
  if (teamChannel === null || scene.head.restricted) {
    if (trouble !== null) throw trouble;
    return null;
  }
  const whole = [heading(scene), text, ...noteOn(scene, trouble)].join('\n');
  return channelOfSaid(await desk.say({ to: teamChannel, key, text: whole, since: again ? at : null }, signal));
}

/** Why it is told here and not in a channel of its own: said when it is news. */
function noteOn(scene: Scene, trouble: DeliveryError | null): readonly string[] {
  const why = trouble?.message;
  if (why === undefined || scene.refs()['slack.refused'] === why) return [];
  scene.learn({ 'slack.refused': why });
  return [`(It has no channel of its own – ${plain(why, 100)})`];
}

function channelOfSaid(said: Said): string {
  if ('gone' in said) throw new DeliveryError('slack', { code: said.gone, trouble: 'settings' });
  return said.channel;
}

/** What fails here is made up by `refresh`. */
async function softly(act: (signal: AbortSignal) => Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await act(AbortSignal.any([signal, AbortSignal.timeout(ms)]));
  } catch (err) {
    if (!(err instanceof DeliveryError)) throw err;
  }
}
