/**
 * What is said, word for word, when and to whom, in lives in which nearly everything happens. The words are kept in
 * test/fixtures/said/said.json: with `TOCSIN_WRITE_SAID=1` they are written anew, and read by whoever commits them.
 */
import { readFileSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from '@jest/globals';
import { outgoingMessages } from '../../support/outgoing-messages.ts';
import { MESSAGE_SCENARIOS } from '../message-scenarios.ts';

const FILE = fileURLToPath(new URL('../../fixtures/said/said.json', import.meta.url));

if (process.env['TOCSIN_WRITE_SAID'] === '1') {
  const all = Object.fromEntries(
    Object.entries(MESSAGE_SCENARIOS).map(([name, story]) => [name, outgoingMessages(story)]),
  );
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
}

const said = JSON.parse(readFileSync(FILE, 'utf8')) as Readonly<Record<string, readonly string[]>>;

test.each(Object.entries(MESSAGE_SCENARIOS))('[REC-1] everything that is said in the life "%s"', (name, story) => {
  expect(outgoingMessages(story)).toEqual(said[name]);
});
