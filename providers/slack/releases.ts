/** The releases channel: an incident is announced there, and followed in the announcement's thread. */
import { DeliveryError } from '../../activities/failures.ts';
import type { ChatPost, Scene } from '../../activities/ports.ts';
import { line, link, plain } from './mrkdwn.ts';
import type { Say } from './say.ts';

const POST_LENGTH = 3_500;

/**
 * Nothing for restricted incidents and tests, and nothing in a thread that is not known. Throws `later`. A releases
 * channel that takes nothing holds up nobody: `where` (the channel of the post itself) is told of it once.
 */
export async function tellReleases(
  say: Say,
  releasesChannel: string,
  where: string | null,
  post: ChatPost,
  scene: Scene,
  signal: AbortSignal,
): Promise<void> {
  if (post.releases === null || scene.head.restricted || scene.head.test) return;
  const since = post.again ? post.at : null;
  const saying = { to: releasesChannel, key: `${post.key}/releases`, since };
  const thread = scene.refs()['slack.releases'];
  if (post.releases === 'thread') {
    if (thread === undefined) return;
    await finalAside(() => say({ ...saying, text: plain(post.text, POST_LENGTH), thread }, signal));
    return;
  }
  if (thread !== undefined) return;
  const said = await finalAside(() => say({ ...saying, text: announcement(post, scene) }, signal));
  if ('ts' in said) {
    scene.learn({ 'slack.releases': said.ts });
    return;
  }
  if (where === null) throw new DeliveryError('slack', { code: said.gone, trouble: 'settings' });
  const text = `(Not announced in ${line(releasesChannel, 80)}: ${said.gone})`;
  await say({ to: where, key: `${post.key}/releases-refused`, text, since }, signal);
}

function announcement(post: ChatPost, scene: Scene): string {
  const { incident } = scene;
  if (post.announcement !== undefined) return plain(post.announcement, POST_LENGTH);
  const channel = scene.refs()['slack.channel'];
  const name = scene.refs()['channel'];
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
    if (err instanceof DeliveryError && err.trouble !== 'later') return { gone: err.message };
    throw err;
  }
}
