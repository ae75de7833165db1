/** Ports of 127.0.0.1 for programs that want to be told theirs. */
import { randomInt } from 'node:crypto';
import { listenOnce } from '../../embedded/ports.ts';

/**
 * Below the range from which the kernel takes the ports of outgoing connections: one that is free now is not lost to
 * such a connection before the program listens. At random, so that tests which run beside each other hardly ever meet.
 */
const RANGE = [20_000, 30_000] as const;

export async function choosePort(): Promise<number> {
  for (;;) {
    const port = randomInt(...RANGE);
    if ((await listenOnce(port)) !== null) return port;
  }
}

/** Different ones. */
export async function choosePorts(count: number): Promise<number[]> {
  const ports = new Set<number>();
  while (ports.size < count) ports.add(await choosePort());
  return [...ports];
}

/** Whether a program's last words say that somebody else took its port between our look and its start. */
export function saysPortTaken(words: string): boolean {
  return /address already in use|failed to bind/i.test(words);
}
