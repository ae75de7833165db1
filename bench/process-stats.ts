/**
 * What a peer's processes cost, from /proc (Linux): a process, its descendants, their processor time. On other systems
 * nothing is found and the columns stay empty.
 */
import { execFileSync } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';

export interface ProcessStat {
  readonly pid: number;
  readonly parent: number;
  readonly name: string;
  /** Own time and that of children already waited for, seconds. */
  readonly cpuSeconds: number;
  /** Clock ticks since boot: with the pid, tells a process from a later one of the same number. */
  readonly startedAt: number;
}

/** Seconds of processor time so far: the Temporal server's, and that of everything else. */
export interface Cpu {
  readonly temporal: number;
  readonly own: number;
}

/** `root` and everything below it; empty when it is gone. */
export function processTree(root: number): ProcessStat[] {
  const all = allProcesses();
  const below = (stat: ProcessStat): ProcessStat[] => [
    stat,
    ...all.filter(({ parent }) => parent === stat.pid).flatMap(below),
  ];
  return all.filter(({ pid }) => pid === root).flatMap(below);
}

export function cpuOf(root: number): Cpu {
  let temporal = 0;
  let own = 0;
  for (const stat of processTree(root)) {
    if (isTemporal(stat)) temporal += stat.cpuSeconds;
    else own += stat.cpuSeconds;
  }
  return { temporal, own };
}

export const isTemporal = ({ name }: ProcessStat): boolean => name.startsWith('temporal');

/** True while the very process that `stat` was read from still runs. */
export function isAlive(stat: ProcessStat): boolean {
  return readStat(stat.pid)?.startedAt === stat.startedAt;
}

function allProcesses(): ProcessStat[] {
  try {
    return readdirSync('/proc')
      .filter((name) => /^\d+$/.test(name))
      .flatMap((name) => readStat(Number(name)) ?? []);
  } catch {
    return [];
  }
}

let ticks: number | null = null;
function ticksPerSecond(): number {
  ticks ??= Number(execFileSync('getconf', ['CLK_TCK'], { encoding: 'utf8' }));
  return ticks;
}

function readStat(pid: number): ProcessStat | null {
  try {
    const text = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name stands in brackets and may hold brackets and blanks itself.
    const end = text.lastIndexOf(')');
    const fields = text.slice(end + 2).split(' ');
    const field = (n: number) => Number(fields[n - 3]); // numbered as in proc(5)
    if (fields[0] === 'Z') return null;
    return {
      pid,
      parent: field(4),
      name: text.slice(text.indexOf('(') + 1, end),
      cpuSeconds: (field(14) + field(15) + field(16) + field(17)) / ticksPerSecond(),
      startedAt: field(22),
    };
  } catch {
    return null;
  }
}
