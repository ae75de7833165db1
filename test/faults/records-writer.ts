/** A process that writes lines into embedded records until it is killed, and says after each that it was taken. */
import { openRecords } from '../../records/open-records.ts';
import { aRecordBatch, aRecordedEntry } from '../records/record-builders.ts';

const say = (fields: object, message: string): void =>
  void process.stderr.write(`${message} ${JSON.stringify(fields)}\n`);
const [, , home = ''] = process.argv;
const records = openRecords({
  directory: home,
  archiveDirectory: home,
  exportDirectory: home,
  timeZone: 'UTC',
  log: { info: say, warn: say, error: say },
});
await records.ready();
for (let seq = 1; ; seq += 1) {
  await records.project(aRecordBatch({ stateVersion: seq, entries: [aRecordedEntry(seq)] }));
  process.stdout.write(`${seq}\n`);
}
