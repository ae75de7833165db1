/** A person reached on the terminal that runs Tocsin: for the first minutes with it, and for tests by hand. */
import type { Contact, Page } from '../../activities/ports.ts';
import { incidentNameLines } from '../shared/incident-names.ts';

/** `write` is where the lines go; it must not throw. */
export function terminalContact(method: string, write: (text: string) => void): Contact {
  return {
    method,
    quiet: false,
    send: async (page) => write(block(page)),
  };
}

const NAMES_SHOWN = 50;

function block(page: Page): string {
  const { kind, to, text, reason, level, cycle, incident, acknowledgeUrl } = page;
  if (kind === 'notification') return `\n· for ${printable(to)}: ${printable(incident.title)}: ${printable(text)}\n`;
  return [
    '',
    `${kind === 'test' ? 'TEST ' : ''}PAGE for ${printable(to)} (${reason}, level ${level}, pass ${cycle})`,
    `  ${printable(text)}`,
    ...incidentNameLines(page, NAMES_SHOWN).map((name) => `  ${printable(name)}`),
    `  ${incident.url}`,
    `  acknowledge: ${acknowledgeUrl}`,
    '',
  ].join('\n');
}

/** A title must not move the cursor: control characters are shown, not sent. */
function printable(text: string): string {
  return text.replaceAll(/[\p{Cc}\p{Cf}]/gu, (c) => `\\x${(c.codePointAt(0) ?? 0).toString(16).padStart(2, '0')}`);
}
