/** An incident's channel, and who is at work in it. */
import type { Scene } from '../../activities/ports.ts';
import { refusalOf } from './client.ts';
import type { SlackArgs, SlackClient } from './client.ts';
import { GONE } from './say.ts';
import type { Say } from './say.ts';
import type { Wording } from './summary.ts';

export interface Desk extends Wording {
  readonly client: SlackClient;
  readonly say: Say;
  /** A person's Slack member id; null when they have none. */
  readonly memberOf: (person: string) => string | null;
}

/** A channel that is to be furnished. `fresh`: nothing has been said in it but by this call. */
export interface Room {
  readonly desk: Desk;
  readonly scene: Scene;
  readonly id: string;
  readonly fresh: boolean;
  readonly signal: AbortSignal;
}

/** True when it is done, or somebody else has done it; false when the channel is gone. */
export async function does(
  { desk, signal }: Room,
  method: string,
  args: SlackArgs,
  fine: readonly string[] = [],
): Promise<boolean> {
  const word = refusalOf(await desk.client.call(method, args, signal, [...GONE, ...fine]));
  return word === null || fine.includes(word);
}
