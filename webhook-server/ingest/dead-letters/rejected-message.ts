/** What was known of a sender's message when it was refused: decides whether it is kept and whether people hear of it. */
import type { IncomingMessage } from 'node:http';
import type { SourceName, SourceSetting } from '../../../config/sections/sources.ts';
import { authenticateSender } from '../../security/source-auth.ts';

export interface ReceivedMessage {
  /** The sender has shown its credential. */
  isAuthenticated: boolean;
  /** What of the body has been read; null: nothing yet. */
  body: Buffer | null;
}

export const nothingReceived = (): ReceivedMessage => ({ isAuthenticated: false, body: null });

export interface RejectedRequest {
  readonly req: IncomingMessage;
  readonly source: SourceName;
  readonly status: number;
  /** A short word of ours: `too_large`, `json` … */
  readonly reason: string;
  /** Epoch ms. */
  readonly at: number;
  readonly received: ReceivedMessage;
}

/**
 * True when the sender is who the configuration knows. A message may have been refused before its credential was
 * looked at (an encoding is): then its headers are asked; a signature, which covers the body, cannot be.
 */
export function isKnownSender({ req, received }: RejectedRequest, setting: SourceSetting | undefined): boolean {
  return (
    received.isAuthenticated ||
    (setting !== undefined && received.body === null && authenticateSender(req, setting) === 'accepted')
  );
}
