/** Takes the credentials of the configured senders out of what they sent: some put theirs into the body. */
import type { Config } from '../../../config/config.ts';

const MASK = Buffer.from('***');

/** Every secret of every source, the longest first, so that one that contains another goes whole. */
export function secretsOf({ sources }: Config): readonly string[] {
  const secrets = [...sources.values()].flatMap(({ token, hmacSecret, routingKeys }) => [
    ...[token ?? '', hmacSecret ?? ''],
    ...routingKeys.map(({ key }) => key),
  ]);
  return secrets.filter((secret) => secret !== '').sort((a, b) => b.length - a.length);
}

/** `bytes` itself when there is nothing to take out. */
export function redact(bytes: Buffer, secrets: readonly string[]): Buffer {
  let clean = bytes;
  for (const secret of secrets) if (clean.includes(secret)) clean = without(clean, Buffer.from(secret));
  return clean;
}

function without(bytes: Buffer, secret: Buffer): Buffer {
  const parts: Buffer[] = [];
  let from = 0;
  for (let at = bytes.indexOf(secret); at >= 0; at = bytes.indexOf(secret, from)) {
    parts.push(bytes.subarray(from, at), MASK);
    from = at + secret.length;
  }
  return Buffer.concat([...parts, bytes.subarray(from)]);
}
