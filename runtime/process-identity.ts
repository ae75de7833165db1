/** Tells a process from a later one that was given the same pid. */
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';

export interface ProcessIdentity {
  readonly pid: number;
  /** Boot and start time as the kernel counts them; only good for comparison. */
  readonly startedAt: string;
}

/** Null when there is no such process, or it is a zombie, which holds no port and no file. */
export function identify(pid: number): ProcessIdentity | null {
  const startedAt = process.platform === 'linux' ? fromProc(pid) : fromPs(pid);
  return startedAt === null ? null : { pid, startedAt };
}

export function isAlive({ pid, startedAt }: ProcessIdentity): boolean {
  return identify(pid)?.startedAt === startedAt;
}

function fromProc(pid: number): string | null {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The name, in brackets, may hold blanks and brackets: fields are counted from the last one. 3rd: state, 22nd: start.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    if (fields[0] === 'Z' || fields[0] === 'X') return null;
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').slice(0, 8);
    return `${boot}-${fields[19]}`;
  } catch {
    return null;
  }
}

function fromPs(pid: number): string | null {
  try {
    // In one zone and language, or two processes would see two start times of one pid.
    const env = { ...process.env, TZ: 'UTC', LC_ALL: 'C' };
    const options = { encoding: 'utf8', stdio: 'pipe', env } as const;
    const text = execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], options).trim();
    return text === '' ? null : text;
  } catch {
    return null;
  }
}
