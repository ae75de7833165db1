/** A log file of bounded size. */
import { closeSync, mkdirSync, openSync, renameSync, statSync, writeSync } from 'node:fs';
import { dirname } from 'node:path';

export interface LogFile {
  write(line: string): void;
  close(): void;
}

/**
 * Appends whole lines; beyond `maxBytes` the file becomes `<path>.1` (the one before it is dropped). A full disk loses
 * lines of the log, never the process.
 */
export function openLogFile(path: string, maxBytes: number): LogFile {
  mkdirSync(dirname(path), { recursive: true });
  let fd = openSync(path, 'a', 0o600);
  let size = sizeOf(path);

  const roll = (): void => {
    closeSync(fd);
    renameSync(path, `${path}.1`);
    fd = openSync(path, 'a', 0o600);
    size = 0;
  };

  return {
    write(line) {
      try {
        if (size + line.length > maxBytes) roll();
        size += writeSync(fd, line);
      } catch {
        // There is nowhere to say it.
      }
    },
    close: () => closeSync(fd),
  };
}

function sizeOf(path: string): number {
  return statSync(path, { throwIfNoEntry: false })?.size ?? 0;
}
