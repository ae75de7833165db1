/** Reads what Tocsin mails: one plain text part, encoded as mailers do. Throws at anything else. */

export interface Mail {
  readonly at: number;
  /** From the envelope: who really gets it. */
  readonly to: readonly string[];
  readonly subject: string;
  /** Without the angle brackets' spaces: `<…@host>`. */
  readonly messageId: string;
  /** Names in lower case; unfolded and decoded. */
  readonly headers: ReadonlyMap<string, string>;
  readonly text: string;
}

export function parseMail(raw: Buffer, to: readonly string[]): Mail {
  const whole = raw.toString('latin1');
  const end = whole.indexOf('\r\n\r\n');
  if (end < 0) throw new Error('a mail without a body');
  const headers = headersOf(whole.slice(0, end));
  return {
    at: Date.now(),
    to,
    subject: needed(headers, 'subject'),
    messageId: needed(headers, 'message-id'),
    headers,
    text: bodyOf(headers, whole.slice(end + 4)).replaceAll('\r\n', '\n'),
  };
}

function headersOf(block: string): Map<string, string> {
  const headers = new Map<string, string>();
  for (const line of block.replaceAll(/\r\n[ \t]+/g, ' ').split('\r\n')) {
    const [, name, value] = /^([\x21-\x39\x3b-\x7e]+): ?([\x20-\x7e]*)$/.exec(line) ?? [];
    if (name === undefined || value === undefined) throw new Error(`not a header: ${line.slice(0, 100)}`);
    if (headers.has(name.toLowerCase())) throw new Error(`${name} twice`);
    headers.set(name.toLowerCase(), wordsOf(value));
  }
  for (const name of ['from', 'to', 'date', 'mime-version']) needed(headers, name);
  return headers;
}

function needed(headers: ReadonlyMap<string, string>, name: string): string {
  const value = headers.get(name);
  if (value === undefined) throw new Error(`a mail without ${name}`);
  return value;
}

/** RFC 2047: `=?UTF-8?Q?caf=C3=A9?=`; blanks between two of them do not count. */
function wordsOf(value: string): string {
  const joined = value.replaceAll(/(\?=)\s+(=\?)/g, '$1$2');
  return joined.replaceAll(/=\?utf-8\?([bq])\?([^?]*)\?=/gi, (_, encoding: string, text: string) =>
    encoding.toLowerCase() === 'b'
      ? Buffer.from(text, 'base64').toString()
      : quotedPrintable(text.replaceAll('_', '=20')),
  );
}

function bodyOf(headers: ReadonlyMap<string, string>, body: string): string {
  if (!/^text\/plain; charset=utf-8/i.test(needed(headers, 'content-type'))) throw new Error('not plain text in UTF-8');
  const encoding = headers.get('content-transfer-encoding')?.toLowerCase();
  if (encoding === 'base64') return Buffer.from(body, 'base64').toString();
  if (encoding === 'quoted-printable') return quotedPrintable(body.replaceAll(/=\r\n/g, ''));
  if (encoding === '7bit') return body;
  throw new Error(`encoded as ${String(encoding)}`);
}

function quotedPrintable(text: string): string {
  const bytes = text.replaceAll(/=([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)));
  return Buffer.from(bytes, 'latin1').toString();
}
