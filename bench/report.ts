/**
 * A running report: one connection that lists incidents and takes the newest ones' records away in every format, one
 * request after the other, until it is told to stop.
 */
import { accepted, createClient, type BenchClient } from './client.ts';
import { summarize, type Summary } from './stats.ts';

export interface ReportResult {
  /** Time of one request, ms. */
  readonly list: Summary;
  readonly export: Summary;
  /** Answers other than 2xx. */
  readonly refused: number;
}

export interface Report {
  /** Resolves when the request under way has been answered. */
  stop(): Promise<ReportResult>;
}

const LISTED = 200;
const EXPORTED = 5;
const PARTS = ['export?format=json', 'export?format=markdown', 'export?format=yaml', 'postmortem'];

export function startReport(port: number, headers: Readonly<Record<string, string>>): Report {
  const client = createClient(port, 1);
  const times: Times = { list: [], export: [], refused: 0 };
  let stopped = false;
  const running = (async () => {
    while (!stopped) await readOnce(client, headers, times, () => stopped);
  })();
  return {
    stop: async () => {
      stopped = true;
      await running;
      client.close();
      return { list: summarize(times.list), export: summarize(times.export), refused: times.refused };
    },
  };
}

interface Times {
  readonly list: number[];
  readonly export: number[];
  refused: number;
}

async function readOnce(
  client: BenchClient,
  headers: Readonly<Record<string, string>>,
  times: Times,
  isOver: () => boolean,
): Promise<void> {
  const get = async (path: string, into: number[]): Promise<string> => {
    const answer = await client.send({ path, headers });
    into.push(answer.answeredAt - answer.sentAt);
    if (!accepted(answer)) times.refused += 1;
    return accepted(answer) ? answer.text : '{"incidents":[]}';
  };
  const { incidents } = JSON.parse(await get(`/api/v1/incidents?limit=${LISTED}`, times.list)) as {
    readonly incidents: readonly { readonly id: string }[];
  };
  for (const { id } of incidents.slice(0, EXPORTED)) {
    for (const part of PARTS) {
      if (isOver()) return;
      await get(`/api/v1/incidents/${id}/${part}`, times.export);
    }
  }
}
