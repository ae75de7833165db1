/** The benchmark's command line. */
import { parseArgs } from 'node:util';

export const MODES = [
  'rates',
  'latency',
  'storm',
  'ingest',
  'kill',
  'hanging-chat',
  'records',
  'intake',
  'all',
] as const;
export type Mode = (typeof MODES)[number];

export interface Options {
  readonly mode: Mode;
  readonly rounds: number;
  /** Alerts in a latency measurement. */
  readonly n: number;
  /** Alerts in a storm. */
  readonly storm: number;
  readonly connections: number;
  readonly warm: number;
  readonly gapMs: readonly [number, number];
  readonly ingestSeconds: number;
  /** Slack posts that hang in `hanging-chat`. */
  readonly posts: number;
  /** Of the backlog that the records take. */
  readonly events: number;
  /** Alerts of the storm that is folded as shipped. */
  readonly intakeStorm: number;
  /** In the records while they are listed. */
  readonly incidents: number;
  /** Tocsin without chat, tickets, status page and mail. */
  readonly plain: boolean;
  /** Names of peers; empty: all. */
  readonly only: readonly string[];
  readonly json: boolean;
}

export const USAGE = `npm run bench -- [options]
  --mode M          rates (latency, then storm: the table; default), latency, storm, ingest, kill;
                    hanging-chat (pages while Slack hangs and a report runs, against quiet);
                    intake (repeats, messages of 10,000 alerts, a frozen Temporal, a folded storm, the spool);
                    records (backlog and lists; with DATABASE_URL, on that empty Postgres too); all
  --rounds N        interleaved rounds (5)
  --n N             alerts of a latency measurement (500)
  --storm N         alerts of a storm (1000)
  --connections N   senders of a storm (64)
  --warm N          alerts before anything is measured (200)
  --gap A-B         pause between single alerts, ms (20-60)
  --seconds N       length of an ingest measurement, and of the repeats in intake (20)
  --folded N        alerts of the storm in intake, folded as shipped (5000)
  --posts N         Slack posts that hang in hanging-chat (200)
  --events N        backlog of records, events (10000)
  --incidents N     incidents in the records while they are listed (10000)
  --plain           Tocsin without chat, ticket files, status page and mail
  --only A,B        peers: tocsin, floor, alertmanager (all that can run here)
  --json            results as one JSON document on standard output`;

/** Throws with a line for the person who typed it. */
export function readOptions(args: readonly string[]): Options | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      mode: { type: 'string', default: 'rates' },
      rounds: { type: 'string', default: '5' },
      n: { type: 'string', default: '500' },
      storm: { type: 'string', default: '1000' },
      connections: { type: 'string', default: '64' },
      warm: { type: 'string', default: '200' },
      gap: { type: 'string', default: '20-60' },
      seconds: { type: 'string', default: '20' },
      posts: { type: 'string', default: '200' },
      events: { type: 'string', default: '10000' },
      incidents: { type: 'string', default: '10000' },
      folded: { type: 'string', default: '5000' },
      plain: { type: 'boolean', default: false },
      only: { type: 'string', default: '' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  const mode = modeOf(values.mode);
  if (values.plain && (mode === 'hanging-chat' || mode === 'all')) throw new Error(`--mode ${mode} needs the chat`);
  return {
    mode,
    rounds: count('rounds', values.rounds),
    n: count('n', values.n),
    storm: count('storm', values.storm),
    connections: count('connections', values.connections),
    warm: count('warm', values.warm),
    gapMs: range(values.gap),
    ingestSeconds: count('seconds', values.seconds),
    posts: count('posts', values.posts),
    events: count('events', values.events),
    incidents: count('incidents', values.incidents),
    intakeStorm: count('folded', values.folded),
    plain: values.plain,
    only: values.only.split(',').filter((name) => name !== ''),
    json: values.json,
  };
}

function modeOf(text: string): Mode {
  const mode = MODES.find((name) => name === text);
  if (mode === undefined) throw new Error(`--mode is one of ${MODES.join(', ')}`);
  return mode;
}

function count(name: string, text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new Error(`--${name} is a whole number from 1`);
  return Number(text);
}

function range(text: string): readonly [number, number] {
  const [, from, to] = /^(\d+)-(\d+)$/.exec(text) ?? [];
  if (from === undefined || to === undefined || Number(from) > Number(to)) throw new Error('--gap is like 20-60');
  return [Number(from), Number(to)];
}
