/**
 * Text of alerts and people as it goes into somebody's issue tracker: it is read as Markdown there, and must ping
 * nobody, link to no issue, give no order to a bot and forge no marker of ours. Pure.
 */

/** Zero width joiner: seen by parsers, not by people. */
const ZWJ = '\u200d';

/** `text` with everything taken out of action that GitHub acts on. Fragments of URLs may break. */
export function escapeMentions(text: string): string {
  return (
    text
      // First, so that nothing can be spelt as an entity and no comment or tag survives.
      .replaceAll('&', '&amp;')
      .replaceAll('<', '&lt;')
      .replaceAll('@', `@${ZWJ}`)
      // `#1`, `owner/repository#1`.
      .replaceAll(/#(?=\d)/g, `#${ZWJ}`)
      .replaceAll(/\bGH-(?=\d)/gi, (word) => `${word}${ZWJ}`)
      // Addresses of issues count as mentions of them.
      .replaceAll(/\/(?:issues|pull|discussions)\/(?=\d)/gi, (path) => `${path}${ZWJ}`)
      // `/close` at the start of a line is a command to many a bot.
      .replaceAll(/^([^\S\n]*)\/(?=[a-z])/gim, `$1/${ZWJ}`)
  );
}
