/** An incident as files of its own, which outlive the database. */
import type { Documents } from './documents/documents.ts';
import { writeFileAtomically } from '../runtime/write-file-atomically.ts';
import type { WholeRecord } from './records.ts';

/** Writes `<directory>/<number or incident>.json` durably. Again: the same file. */
export async function writeArchive(directory: string, record: WholeRecord): Promise<void> {
  await writeFileAtomically(directory, `${nameOf(record)}.json`, `${JSON.stringify(record, null, 2)}\n`);
}

/** Writes `<directory>/<number or incident>.{json,yaml,md}` durably; each whole, not all together. */
export async function writeExports(directory: string, record: WholeRecord, documents: Documents): Promise<void> {
  const name = nameOf(record);
  await writeFileAtomically(directory, `${name}.json`, documents.json);
  await writeFileAtomically(directory, `${name}.yaml`, documents.yaml);
  await writeFileAtomically(directory, `${name}.md`, documents.markdown);
}

const nameOf = ({ incident }: WholeRecord): string => incident.reference ?? incident.id.replace(/[^\w-]/g, '_');
