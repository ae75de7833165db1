/**
 * Slack as the chat: posts go to the incident's own channel, else to its team's, else nowhere, and to the releases
 * channel. A restricted incident is mentioned only in its own private channel. https://docs.slack.dev/reference/methods
 */
import type { Chat, ChatPost, IncidentContext } from '../../activities/ports.ts';
import { DeliveryError } from '../../runtime/failures.ts';
import { purpose, setUpChannel, type SlackContext } from './channel-setup.ts';
import type { SlackClient } from './client.ts';
import { line, link, slackText } from './mrkdwn.ts';
import { ownChannel, type OwnChannel } from './own-channel.ts';
import { posterFor, type PostOnce, type PostResult } from './post-once.ts';
import { heading } from './summary.ts';

/** Slack cuts at 40,000 characters and asks for 4,000; escaping makes a text longer. */
const POST_LENGTH = 3_500;
/** Setting up a channel must not keep the next post waiting. */
const PURPOSE_MS = 2_000;
const SETUP_MS = 4_000;

export interface SlackChatSettings {
  readonly client: SlackClient;
  /** A team's channel, by name or id; null: it has none. */
  readonly channelOf: (team: string) => string | null;
  readonly releasesChannel: string | null;
  /** A person's Slack member id; null when they have none. */
  readonly memberOf: (person: string) => string | null;
  /** IANA zone in which times are shown. */
  readonly timeZone: string;
  readonly displayName: (person: string) => string;
}

export function slackChat(settings: SlackChatSettings): Chat {
  const { client, channelOf, releasesChannel, memberOf, timeZone, displayName } = settings;
  const slack: SlackContext = { client, postOnce: posterFor(client), memberOf, timeZone, displayName };
  return {
    post: async (post, context, signal) => {
      const own = await ownChannel(client, timeZone, context, post, signal);
      const incidentChannel = own !== null && 'id' in own ? { slack, context, ...own } : null;
      if (incidentChannel?.fresh)
        await tryWithin((bounded) => purpose({ ...incidentChannel, signal: bounded }), PURPOSE_MS, signal);
      const postedTo = await postToChannel(slack, channelOf(context.projection.team), own, post, context, signal);
      if (releasesChannel !== null)
        await postToReleases(slack.postOnce, releasesChannel, postedTo, post, context, signal);
      if (incidentChannel?.fresh)
        await tryWithin((bounded) => setUpChannel({ ...incidentChannel, signal: bounded }), SETUP_MS, signal);
    },
    updatePinned: async (context, signal) => {
      const id = context.refs()['slack.channel'];
      if (id !== undefined) await setUpChannel({ slack, context, id, fresh: false, signal });
    },
  };
}

/** The channel it was posted to; null when there is none for it. */
async function postToChannel(
  slack: SlackContext,
  teamChannel: string | null,
  own: OwnChannel | null,
  post: ChatPost,
  context: IncidentContext,
  signal: AbortSignal,
): Promise<string | null> {
  const text = slackText(post.text, POST_LENGTH);
  const { key, at, mayBeRepeat } = post;
  const ownTarget = own !== null && 'id' in own ? own : null;
  if (ownTarget !== null) {
    const result = await slack.postOnce(
      { to: ownTarget.id, key, text, since: mayBeRepeat && !ownTarget.fresh ? at : null },
      signal,
    );
    if (!('gone' in result)) return result.channel;
  }
  const failure = own !== null && 'failure' in own ? own.failure : null;
  if (teamChannel === null || context.projection.restricted) {
    if (failure !== null) throw failure;
    return null;
  }
  const withHeading = [heading(context), text, ...noteOn(context, failure)].join('\n');
  return channelOrThrow(
    await slack.postOnce({ to: teamChannel, key, text: withHeading, since: mayBeRepeat ? at : null }, signal),
  );
}

/** Explains, once for each reason, why a post appears here and not in the incident's own channel. */
function noteOn(context: IncidentContext, failure: DeliveryError | null): readonly string[] {
  const why = failure?.message;
  if (why === undefined || context.refs()['slack.refused'] === why) return [];
  context.keepRefs({ 'slack.refused': why });
  return [`(It has no channel of its own – ${slackText(why, 100)})`];
}

function channelOrThrow(result: PostResult): string {
  if ('gone' in result) throw new DeliveryError('slack', { code: result.gone, kind: 'misconfigured' });
  return result.channel;
}

/** The next `updatePinned` makes up for what fails here. */
async function tryWithin(act: (signal: AbortSignal) => Promise<void>, ms: number, signal: AbortSignal): Promise<void> {
  try {
    await act(AbortSignal.any([signal, AbortSignal.timeout(ms)]));
  } catch (err) {
    if (!(err instanceof DeliveryError)) throw err;
  }
}

/**
 * Posts nothing for restricted incidents and tests, or to an unknown thread. Throws `retryable`. An unusable releases
 * channel holds nothing up; a note in `postedTo` (the channel of the post itself) mentions it once.
 */
async function postToReleases(
  postOnce: PostOnce,
  releasesChannel: string,
  postedTo: string | null,
  post: ChatPost,
  context: IncidentContext,
  signal: AbortSignal,
): Promise<void> {
  if (post.releases === null || context.projection.restricted || context.projection.test) return;
  const since = post.mayBeRepeat ? post.at : null;
  const message = { to: releasesChannel, key: `${post.key}/releases`, since };
  const thread = context.refs()['slack.releases'];
  if (post.releases === 'thread') {
    if (thread === undefined) return;
    await permanentFailureAsValue(() =>
      postOnce({ ...message, text: slackText(post.text, POST_LENGTH), thread }, signal),
    );
    return;
  }
  if (thread !== undefined) return;
  const result = await permanentFailureAsValue(() =>
    postOnce({ ...message, text: announcement(post, context) }, signal),
  );
  if ('ts' in result) {
    context.keepRefs({ 'slack.releases': result.ts });
    return;
  }
  if (postedTo === null) throw new DeliveryError('slack', { code: result.gone, kind: 'misconfigured' });
  const text = `(Not announced in ${line(releasesChannel, 80)}: ${result.gone})`;
  await postOnce({ to: postedTo, key: `${post.key}/releases-refused`, text, since }, signal);
}

function announcement(post: ChatPost, context: IncidentContext): string {
  const { incident } = context;
  if (post.announcement !== undefined) return slackText(post.announcement, POST_LENGTH);
  const channel = context.refs()['slack.channel'];
  const name = context.refs()['channel'];
  return [
    `🚨 INCIDENT DECLARED: ${line(incident.title, 300)} 🚨`,
    `Severity: ${incident.severity}`,
    ...(channel === undefined ? [] : [`Channel: <#${channel}>${name === undefined ? '' : ` (${line(name, 90)})`}`]),
    link(incident.url, incident.reference ?? 'Incident'),
  ].join('\n');
}

/** Returns a permanent failure as a value; throws `retryable`. */
async function permanentFailureAsValue<T>(act: () => Promise<T>): Promise<T | { readonly gone: string }> {
  try {
    return await act();
  } catch (err) {
    if (err instanceof DeliveryError && err.kind !== 'retryable') return { gone: err.message };
    throw err;
  }
}
