/** What was known of a sender's message when it was refused: decides whether it is kept and whether people hear of it. */
import type { IncomingMessage } from 'node:http';
import type { SourceName, SourceSetting } from '../../config/config.ts';
import { judgeSender } from '../security/source-auth.ts';

export interface Trail {
  /** The sender has shown its credential. */
  proved: boolean;
  /** What of the body has been read; null: nothing yet. */
  body: Buffer | null;
}

export const noTrail = (): Trail => ({ proved: false, body: null });

export interface RefusedMessage {
  readonly req: IncomingMessage;
  readonly source: SourceName;
  readonly status: number;
  /** A short word of ours: `too_large`, `json` … */
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
  readonly trail: Trail;
}

/**
 * True when the sender is who the configuration knows. A message may have been refused before its credential was
 * looked at (an encoding is): then its headers are asked; a signature, which covers the body, cannot be.
 */
export function isOurSender({ req, trail }: RefusedMessage, setting: SourceSetting | undefined): boolean {
  return trail.proved || (setting !== undefined && trail.body === null && judgeSender(req, setting) === 'in');
}
