/** The channels that the bot is in, found by name: Slack's methods that read or change want ids. */
import { cursorOf, listIn, objectIn, refusalOf } from './client.ts';
import type { SlackBody, SlackClient } from './client.ts';

const PAGE = 200;
const PAGES = 10;

/** The bot may not look: what cannot be looked up counts as not there. */
const MAY_NOT_LOOK = ['missing_scope', 'not_allowed_token_type', 'no_permission'];

export interface SlackChannel {
  readonly id: string;
  readonly name: string;
  readonly isPrivate: boolean;
  /** Epoch ms. */
  readonly createdAt: number;
  readonly purpose: string;
}

/** The id of a channel or a member, as opposed to a name: it is taken as it is. */
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
