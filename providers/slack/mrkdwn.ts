/** Text for Slack: what others wrote stays text, whatever is in it. https://docs.slack.dev/messaging/formatting-message-text */
import { truncate } from '../../domain/kernel/text.ts';

/** Control characters have no business in a message, but for line ends and tabs. */
// eslint-disable-next-line no-control-regex
const CONTROL = /[\u0000-\u0008\u000b-\u001f\u007f]/g;

/** No links, mentions of people or of everybody can be made of `text`; at most `limit` characters before escaping. */
export function slackText(text: string, limit: number): string {
  return escape(truncate(text.toWellFormed().replace(CONTROL, ''), limit));
}

/** As `slackText`, on one line. */
export function line(text: string, limit: number): string {
  return slackText(text.replace(/\s+/g, ' ').trim(), limit);
}

/** As `line`, and no longer than `limit` after escaping either: for topics, which Slack measures so. */
export function shortSlackText(text: string, limit: number): string {
  let shown = line(text, limit);
  for (let length = limit; shown.length > limit; length -= 1) shown = line(text, length);
  return shown;
}

/** A link under a name; only the name where the address is none that a browser should open. */
export function link(url: string, name: string): string {
  if (!/^https?:\/\/[^\s]+$/i.test(url)) return line(name, 300);
  const address = url.replace(/[<>|]/g, (char) => encodeURIComponent(char)).replaceAll('&', '&amp;');
  return `<${address}|${line(name, 300)}>`;
}

function escape(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}
