/** A stakeholder update as a mail: one thread for each incident and stakeholder, and nothing to acknowledge. Pure. */
import type { SendMailOptions } from 'nodemailer';
import type { StakeholderUpdate } from '../../activities/ports.ts';
import { truncate } from '../../domain/kernel/text.ts';
import { idOf, oneLine, printable } from './message.ts';

const SUBJECT_LENGTH = 200;

/** `host`: the right half of Message-IDs, e.g. `example.com`. What goes outside names no incident of ours. */
export function stakeholderUpdateMail(
  { key, thread, audience, subject, text, incident }: StakeholderUpdate,
  host: string,
): SendMailOptions {
  const root = idOf(thread, host);
  return {
    messageId: idOf(key, host),
    inReplyTo: root,
    references: root,
    subject: truncate(oneLine(subject), SUBJECT_LENGTH),
    text: `${printable(text)}\n`,
    headers: {
      ...(audience === 'internal' ? { 'X-Tocsin-Incident': oneLine(incident.workflowId) } : {}),
      'Auto-Submitted': 'auto-generated',
      'X-Auto-Response-Suppress': 'OOF, AutoReply',
      Precedence: 'bulk',
    },
    xMailer: false,
  };
}
