/** The vendors that the configuration names: one client each, made once and shared by everything that speaks to it. */
import type { Config } from '../config/config.ts';
import { createMailer } from '../providers/mail/mailer.ts';
import type { Mailer } from '../providers/mail/mailer.ts';
import { slackClient } from '../providers/slack/client.ts';
import type { SlackClient } from '../providers/slack/client.ts';

export interface Vendors {
  readonly slack: SlackClient | null;
  readonly mailer: Mailer | null;
  close(): void;
}

export function createVendors({ slack, mail }: Config): Vendors {
  const mailer = mail === null ? null : createMailer(mail);
  return {
    slack: slack === null ? null : slackClient(slack),
    mailer,
    close: () => mailer?.close(),
  };
}
