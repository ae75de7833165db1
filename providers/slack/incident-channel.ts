/** An incident's channel, and who is at work in it. */
import type { IncidentContext } from '../../activities/ports.ts';
import { refusalOf } from './client.ts';
import type { SlackArgs, SlackClient } from './client.ts';
import { CHANNEL_UNUSABLE } from './post-once.ts';
import type { PostOnce } from './post-once.ts';
import type { SummaryFormat } from './summary.ts';

export interface SlackContext extends SummaryFormat {
  readonly client: SlackClient;
  readonly postOnce: PostOnce;
  /** A person's Slack member id; null when they have none. */
  readonly memberOf: (person: string) => string | null;
}

/** A channel that is to be furnished. `fresh`: nothing has been said in it but by this call. */
export interface IncidentChannel {
  readonly slack: SlackContext;
  readonly context: IncidentContext;
  readonly id: string;
  readonly fresh: boolean;
  readonly signal: AbortSignal;
}

/** True when it is done, or somebody else has done it; false when the channel is gone. */
export async function callInChannel(
  { slack, signal }: IncidentChannel,
  method: string,
  args: SlackArgs,
  fine: readonly string[] = [],
): Promise<boolean> {
  const word = refusalOf(await slack.client.call(method, args, signal, [...CHANNEL_UNUSABLE, ...fine]));
  return word === null || fine.includes(word);
}
