/** The releases channel: an incident is announced there, and followed in the announcement's thread. */
import { DeliveryError } from '../../runtime/failures.ts';
import type { ChatPost, IncidentContext } from '../../activities/ports.ts';
import { line, link, slackText } from './mrkdwn.ts';
import type { PostOnce } from './post-once.ts';

const POST_LENGTH = 3_500;

/**
 * Nothing for restricted incidents and tests, and nothing in a thread that is not known. Throws `later`. A releases
 * channel that takes nothing holds up nobody: `where` (the channel of the post itself) is told of it once.
 */
export async function postToReleases(
  say: PostOnce,
  releasesChannel: string,
  where: string | null,
  post: ChatPost,
  context: IncidentContext,
  signal: AbortSignal,
): Promise<void> {
  if (post.releases === null || context.projection.restricted || context.projection.test) return;
  const since = post.mayBeRepeat ? post.at : null;
  const saying = { to: releasesChannel, key: `${post.key}/releases`, since };
  const thread = context.refs()['slack.releases'];
  if (post.releases === 'thread') {
    if (thread === undefined) return;
    await finalAside(() => say({ ...saying, text: slackText(post.text, POST_LENGTH), thread }, signal));
    return;
  }
  if (thread !== undefined) return;
  const result = await finalAside(() => say({ ...saying, text: announcement(post, context) }, signal));
  if ('ts' in result) {
    context.keepRefs({ 'slack.releases': result.ts });
    return;
  }
  if (where === null) throw new DeliveryError('slack', { code: result.gone, kind: 'misconfigured' });
  const text = `(Not announced in ${line(releasesChannel, 80)}: ${result.gone})`;
  await say({ to: where, key: `${post.key}/releases-refused`, text, since }, signal);
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

/** What Slack will not take for good is an answer. */
async function finalAside<T>(act: () => Promise<T>): Promise<T | { readonly gone: string }> {
  try {
    return await act();
  } catch (err) {
    if (err instanceof DeliveryError && err.kind !== 'retryable') return { gone: err.message };
    throw err;
  }
}
