/** Text for Slack: text that others wrote stays plain text. https://docs.slack.dev/messaging/formatting-message-text */
import { truncate } from '../../domain/kernel/text.ts';

/** Control characters do not belong in a message, except line breaks and tabs. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** Slack makes no links or mentions of `text`; at most `limit` characters before escaping. */
export function slackText(text: string, limit: number): string {
  return escape(truncate(text.toWellFormed().replace(CONTROL, ''), limit));
}

/** As `slackText`, on one line. */
export function line(text: string, limit: number): string {
  return slackText(text.replace(/\s+/g, ' ').trim(), limit);
}

/**
 * As `line`, and no longer than `limit` after escaping either: for topics, where Slack's limit applies to escaped text.
 */
export function shortSlackText(text: string, limit: number): string {
  let shown = line(text, limit);
  for (let length = limit; shown.length > limit; length -= 1) shown = line(text, length);
  return shown;
}

/** A named link; only the name if the address is unsafe to open in a browser. */
export function link(url: string, name: string): string {
  if (!/^https?:\/\/[^\s]+$/i.test(url)) return line(name, 300);
  const address = url.replace(/[<>|]/g, (char) => encodeURIComponent(char)).replaceAll('&', '&amp;');
  return `<${address}|${line(name, 300)}>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
