/** A page as a mail: subject, plain text, headers. All mails of an incident are one thread. Pure. */
import { createHash } from 'node:crypto';
import type { SendMailOptions } from 'nodemailer';
import type { Page, StakeholderUpdate } from '../../activities/ports.ts';
import { truncate } from '../../domain/kernel/text.ts';
import { callText, incidentNameLines, isWebAddress, pageLinks } from '../shared/page-text.ts';

const SUBJECT_LENGTH = 200;
const LABELS_LENGTH = 500;

/** `host`: the right half of Message-IDs, e.g. `example.com`. */
export function messageOf(page: Page, host: string): SendMailOptions {
  const root = idOf(`${page.incident.id}/thread`, host);
  const wantsAnswer = page.kind === 'page';
  return {
    messageId: idOf(page.key, host),
    inReplyTo: root,
    references: root,
    subject: subjectOf(page),
    text: textOf(page),
    ...(wantsAnswer ? { priority: 'high' } : {}),
    headers: {
      'X-Tocsin-Incident': oneLine(page.incident.workflowId),
      'Auto-Submitted': 'auto-generated',
      // Out-of-office answers help nobody here.
      'X-Auto-Response-Suppress': 'OOF, AutoReply',
      // Not on pages: some servers delay bulk mail.
      ...(wantsAnswer ? {} : { Precedence: 'bulk' }),
    },
    xMailer: false,
  };
}

/** Same key, same id: many mailboxes show a duplicate only once. */
function idOf(key: string, host: string): string {
  return `<${createHash('sha256').update(key).digest('hex').slice(0, 40)}@${host}>`;
}

/** A page's is its line, as on every other way to a person; a notification may be longer than a subject. */
function subjectOf({ kind, text, incident: { severity, reference, title } }: Page): string {
  const test = kind === 'test' && !text.startsWith('TEST') ? 'TEST ' : '';
  const line = kind === 'notification' ? `[${severity}] ${reference === null ? '' : `${reference} `}${title}` : text;
  return truncate(oneLine(`${test}${line}`), SUBJECT_LENGTH);
}

/** Enough for every name that one page carries. */
const NAMES_SHOWN = 1_000;

function textOf(page: Page): string {
  const { kind, text, incident } = page;
  const paragraphs = [
    [kind === 'test' && !text.startsWith('TEST') ? `TEST ${text}` : text],
    kind === 'notification' ? [] : [incident.summary],
    kind === 'notification' ? [] : factsOf(page),
    linksOf(page),
    incidentNameLines(page, NAMES_SHOWN).map(oneLine),
    kind === 'notification' ? [] : alertsOf(page),
    kind === 'test' ? ['This is a test. Nothing is broken.'] : [],
  ];
  const written = paragraphs.map((lines) =>
    lines
      .filter((line) => line.trim() !== '')
      .map(printable)
      .join('\n'),
  );
  return `${written.filter((paragraph) => paragraph !== '').join('\n\n')}\n`;
}

function factsOf(page: Page): string[] {
  const { why, incident } = page;
  const { severity, title, reference, team, service, phase } = incident;
  return [
    `What: ${severity} ${oneLine(title)}${reference === null ? '' : ` (${reference})`}, ${phase}`,
    `Whose: team ${oneLine(team)}${service === null ? '' : `, service ${oneLine(service)}`}`,
    `Why you: ${oneLine(why)} (${callText(page)})`,
  ];
}

function linksOf(page: Page): string[] {
  const acknowledge = page.kind !== 'notification' && isWebAddress(page.acknowledgeUrl);
  return [
    ...(acknowledge ? [`Acknowledge: ${page.acknowledgeUrl}`] : []),
    ...pageLinks(page).map(({ text, href }) => `${text}: ${href}`),
  ];
}

function alertsOf({ incident: { alerts, alertCount } }: Page): string[] {
  if (alerts.length === 0) return [];
  const shown = alerts.map(({ labels }) => {
    const words = Object.entries(labels).map(([name, value]) => `${name}=${value}`);
    return `- ${truncate(oneLine(words.join(' ')), LABELS_LENGTH)}`;
  });
  const left = alertCount - alerts.length;
  return [`Alerts (${alertCount}):`, ...shown, ...(left > 0 ? [`- and ${left} more`] : [])];
}

/** For headers and for lines that must stay one: a title is anybody's text, and a line break in it begins no header. */
function oneLine(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/[\p{Cc}\u2028\u2029]+/gu, ' ')
    .trim();
}

/** Line breaks and tabs stay; other control characters do not. */
function printable(text: string): string {
  return text
    .toWellFormed()
    .replaceAll(/\r\n?/g, '\n')
    .replaceAll(/(?![\n\t])\p{Cc}/gu, ' ');
}

/** `host`: the right half of Message-IDs, e.g. `example.com`. The id itself reveals no incident. */
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
