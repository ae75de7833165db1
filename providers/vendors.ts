/** The vendors that are configured: one client each, made once and shared by everything that speaks to it. */
import { createMailer } from './mail/mailer.ts';
import type { Mailer, MailSettings } from './mail/mailer.ts';
import { slackClient } from './slack/client.ts';
import type { SlackClient } from './slack/client.ts';

export interface Vendors {
  readonly slack: SlackClient | null;
  readonly mailer: Mailer | null;
  close(): void;
}

interface VendorSettings {
  readonly slack: { readonly botToken: string; readonly apiUrl: string } | null;
  readonly mail: MailSettings | null;
}

export function createVendors({ slack, mail }: VendorSettings): Vendors {
  const mailer = mail === null ? null : createMailer(mail);
  return {
    slack: slack === null ? null : slackClient(slack),
    mailer,
    close: () => mailer?.close(),
  };
}
