/** A whole record in which everything that documents show is there. */
import type { WholeRecord } from '../../../records/open-records.ts';
import type { DocumentFormat } from '../../../records/documents/document-format.ts';
import { aDelivery, aHead, aMessage, aRecordedAlert, NOON } from '../record-builders.ts';

/** So many minutes after noon, UTC. */
export const at = (minutes: number): string => new Date(NOON + minutes * 60_000).toISOString();

/** What anybody may write to break a document. */
export const HOSTILE =
  '# <img src=x onerror=alert(1)> ![x](javascript:alert(1)) | a | *b* \u202e`c`\n\n- [x] # second <script>';

export function aRecord(over: Partial<WholeRecord['incident']> = {}): WholeRecord {
  const incident = {
    ...aHead({
      highestSeverity: 'SEV1',
      phase: 'resolved',
      outcome: 'resolved',
      roles: { ic: 'ana', technicalLead: null, communicationsLead: 'bo', scribe: null },
      peopleInvolved: ['ana', 'bo'],
      detectedAt: at(0),
      declaredAt: at(1),
      acknowledgeDueAt: at(6),
      acknowledgedAt: at(3),
      acknowledgedBy: 'ana',
      publicDueAt: at(16),
      mitigationStartedAt: at(10),
      mitigatedAt: at(61),
      resolvedAt: at(90),
      resolution: 'Rolled back',
      cause: { text: 'A full disk', at: at(30), by: 'ana' },
    }),
    ...{ reference: 'INC-2026-001', alerts: [aRecordedAlert('f1')], deliveries: [aDelivery('k1')] },
    ...over,
  };
  const line = (seq: number, by: string | null, text: string) => ({ seq, at: at(seq), kind: 'noted', by, text });
  return {
    incident,
    timeline: [line(1, null, 'no'), line(2, 'ana', 'ana has it'), line(3, 'bo', HOSTILE)],
    cut: 0,
    messages: [
      aMessage(1, { kind: 'public', text: 'We are looking\n# into it' }),
      aMessage(2, { to: ['ana'], kind: 'notice' }),
    ],
    earlier: [],
  };
}

export const format: DocumentFormat = {
  timeZone: 'Europe/Berlin',
  nameOf: (name) => (name === 'ana' ? 'Ana Ruiz' : name),
  urlOf: (workflowId) => `https://tocsin.example/incidents/${workflowId}`,
};
