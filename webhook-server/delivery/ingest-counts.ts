/** What happened at the edge since the start, for `/metrics`. Only ever counted up. */
export interface IngestCounts {
  /** Batches that Temporal acknowledged. */
  batches: number;
  /** Routed alerts written to the spool. */
  spooled: number;
  /** Routed alerts taken out of the spool again, told or moot. */
  replayed: number;
  /** Routed alerts that Temporal refused for good, set aside in `rejected.jsonl`. */
  rejectedByTemporal: number;
  /** Routed alerts that could not be made durable: the sender got a 503. */
  notDurable: number;
  /** Routed alerts that joined a storm instead of opening an incident. */
  joinedStorm: number;
  /** Routed alerts that maintenance held back. */
  suppressed: number;
}

export const zeroIngestCounts = (): IngestCounts => ({
  ...{ batches: 0, spooled: 0, replayed: 0, rejectedByTemporal: 0, notDurable: 0 },
  ...{ joinedStorm: 0, suppressed: 0 },
});
