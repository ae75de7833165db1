/**
 * How payloads become bytes in Temporal: JSON, compressed where it is large. Every client, worker, replay and test uses
 * this converter, because a run written with one cannot be read with another. An encrypting codec belongs here, after the
 * compression. Nearly all payloads are small, pass untouched and stay readable in the Temporal UI.
 */
import { promisify } from 'node:util';
import { deflate, inflate } from 'node:zlib';
import { type DataConverter, type Payload, type PayloadCodec, ValueError } from '@temporalio/common';

export function createDataConverter(): DataConverter {
  return { payloadCodecs: [createCompression()] };
}

/** In the metadata, instead of the encoding that the payload had before. */
const ENCODING = 'binary/tocsin-deflate';
const ENCODING_BEFORE_COMPRESSION = 'tocsin-encoding';

/** Smaller payloads stay as they are, bytes. */
const THRESHOLD = 64 * 1024;
/** None of our payloads is larger; a larger one is an attack. */
const INFLATED_LIMIT = 64 * 1024 * 1024;
/** Level 1: JSON shrinks to about a tenth at any level, and this one is the quickest. */
const LEVEL = 1;

const text = new TextDecoder();
const bytes = new TextEncoder();
const deflateAsync = promisify<Uint8Array, { level: number }, Buffer>(deflate);
const inflateAsync = promisify<Uint8Array, { maxOutputLength: number }, Buffer>(inflate);

/** Decodes what it encoded and passes everything else through. Throws `ValueError` on damaged or oversized payloads. */
export function createCompression(): PayloadCodec {
  return { encode: changed(isLarge, compressPayload), decode: changed(isCompressed, decompressPayload) };
}

/** Avoids copies and waits when there is nothing to change. */
function changed(concerns: (payload: Payload) => boolean, change: (payload: Payload) => Promise<Payload>) {
  return async (payloads: Payload[]): Promise<Payload[]> =>
    payloads.some(concerns)
      ? Promise.all(payloads.map((payload) => (concerns(payload) ? change(payload) : Promise.resolve(payload))))
      : payloads;
}

const isLarge = ({ data }: Payload): boolean => (data?.length ?? 0) > THRESHOLD;

const isCompressed = ({ metadata }: Payload): boolean => {
  const encoding = metadata?.['encoding'];
  return encoding?.length === ENCODING.length && text.decode(encoding) === ENCODING;
};

async function compressPayload(payload: Payload): Promise<Payload> {
  const { data, metadata } = payload;
  const before = metadata?.['encoding'];
  if (!data || !before) return payload;
  const small = await deflateAsync(data, { level: LEVEL });
  if (small.length >= data.length) return payload;
  return {
    ...payload,
    metadata: { ...metadata, encoding: bytes.encode(ENCODING), [ENCODING_BEFORE_COMPRESSION]: before },
    data: small,
  };
}

async function decompressPayload(payload: Payload): Promise<Payload> {
  const { [ENCODING_BEFORE_COMPRESSION]: before, ...metadata } = payload.metadata ?? {};
  if (!before || !payload.data) throw new ValueError('a compressed payload has lost what it was before');
  try {
    const data = await inflateAsync(payload.data, { maxOutputLength: INFLATED_LIMIT });
    return { ...payload, metadata: { ...metadata, encoding: before }, data };
  } catch (err) {
    throw new ValueError('a compressed payload cannot be read', err);
  }
}
