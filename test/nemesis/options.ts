/** The command line of the nemesis. */
import { parseArgs } from 'node:util';

export interface NemesisOptions {
  /** How long faults and load last, ms. */
  readonly lastsMs: number;
  readonly seed: number;
  readonly senders: number;
  readonly json: boolean;
}

export const USAGE = `npm run nemesis -- [options]
  Many alerts and commands from many connections while servers, workers and Temporal are killed and paused at random;
  then everything is healed, and what was promised is checked. Exit code 1: a promise was broken.
  --minutes N   how long faults and load last (3)
  --seed N      the same seed gives the same faults and the same requests of each sender (chosen at random)
  --senders N   connections (12)
  --json        the result as one JSON document on standard output`;

/** Throws with a line for the person who typed it. */
export function readNemesisOptions(args: readonly string[]): NemesisOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      minutes: { type: 'string', default: '3' },
      seed: { type: 'string', default: String(Date.now() % 1_000_000) },
      senders: { type: 'string', default: '12' },
      json: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.help) return 'help';
  return {
    lastsMs: positive('minutes', values.minutes) * 60_000,
    seed: positive('seed', values.seed),
    senders: positive('senders', values.senders),
    json: values.json,
  };
}

function positive(name: string, text: string): number {
  const value = Number(text);
  if (!(value > 0) || !Number.isFinite(value)) throw new Error(`--${name} is a number above 0`);
  return value;
}
