/** What has arrived at the vendors since somebody last looked: each text with its receiver and the way it came. */
import type { FakeChannel } from '../support/fake-slack-workspace.ts';
import type { FakeVendors } from '../support/fake-vendors.ts';

export interface ReceivedText {
  /** `page to Ana Ruiz, webhook`, `Slack #incident-…`. */
  readonly where: string;
  readonly text: string;
  /** It answers a command, so it went to nobody else. */
  readonly isAnswer?: boolean;
}

export class ReceivedTexts {
  private readonly counts = new Map<string, number>();
  /** Texts that are changed in place, as they were at the last look. */
  private readonly versions = new Map<string, string>();

  private readonly vendors: FakeVendors;

  constructor(vendors: FakeVendors) {
    this.vendors = vendors;
  }

  /** What is new since the last call, in an order that does not depend on races. */
  next(): ReceivedText[] {
    const { slack, statuspage } = this.vendors;
    return [
      ...this.pages(),
      ...this.mails(),
      ...this.alarms(),
      ...slack.conversations().flatMap((channel) => this.posts(channel)),
      ...statuspage.incidents.flatMap(({ id, name, incident_updates: updates }) =>
        this.fresh(`statuspage ${id}`, updates.toReversed()).map(({ status, body }) => ({
          where: 'Status page',
          text: `${name}: ${status}\n\n${body}`,
        })),
      ),
      ...[...this.vendors.tickets()].flatMap(([file, text]) => this.ticket(file, text)),
    ];
  }

  private pages(): ReceivedText[] {
    const nameOf = (person: string): string => this.vendors.config.people.get(person)?.name ?? person;
    return this.fresh('sink', this.vendors.sink.received)
      .map(({ page }) => ({
        where: `${page.kind === 'page' ? 'Page' : 'Notification'} to ${nameOf(page.to)}, webhook`,
        text: page.text,
      }))
      .sort(byPlaceAndText);
  }

  private mails(): ReceivedText[] {
    return this.fresh('mail', this.vendors.mail.mails)
      .map(({ to, subject, text }) => ({ where: `Mail to ${to.join(', ')}`, text: `Subject: ${subject}\n\n${text}` }))
      .sort(byPlaceAndText);
  }

  private alarms(): ReceivedText[] {
    const { alarms } = this.vendors.pagerduty;
    const where = 'PagerDuty';
    return [
      ...this.fresh('alarms', alarms).map(({ payload: { summary, custom_details: details } }) => ({
        where,
        text: `${summary}\n\n${JSON.stringify(details ?? {}, null, 2)}`,
      })),
      ...alarms.flatMap(({ dedupKey, log }) =>
        this.fresh(`alarm ${dedupKey}`, log).map((text) => ({ where, text: `(${text})` })),
      ),
    ];
  }

  private posts({ name, messages }: FakeChannel): ReceivedText[] {
    const channel = `Slack ${name}`;
    const posted = this.fresh(channel, messages);
    return messages.flatMap((message) => {
      const { ts, text, thread } = message;
      const where = thread === null ? channel : `${channel}, in its thread`;
      const added = this.newLines(ts, text);
      if (posted.includes(message)) return [{ where, text }];
      return added === '' ? [] : [{ where: `${where}, changed in place`, text: added }];
    });
  }

  private ticket(file: string, text: string): ReceivedText[] {
    const added = this.newLines(file, text);
    return added === '' ? [] : [{ where: `Ticket ${file}`, text: added }];
  }

  private newLines(name: string, text: string): string {
    const before = (this.versions.get(name) ?? '').split('\n');
    this.versions.set(name, text);
    return text
      .split('\n')
      .filter((line) => !before.includes(line))
      .join('\n');
  }

  /** What came after the last look at a list that only grows. */
  private fresh<T>(list: string, all: readonly T[]): readonly T[] {
    const from = this.counts.get(list) ?? 0;
    this.counts.set(list, all.length);
    return all.slice(from);
  }
}

const byPlaceAndText = (a: ReceivedText, b: ReceivedText): number =>
  a.where.localeCompare(b.where) || a.text.localeCompare(b.text);
