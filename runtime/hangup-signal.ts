/** SIGHUP asks for the configuration to be read anew; from a terminal that is gone it means what it always meant. */
import { closeSync, constants, openSync } from 'node:fs';

/**
 * Calls `reload` at each SIGHUP. A process that somebody runs in a terminal is told to stop (SIGTERM) when that terminal
 * is closed: nobody there wanted a new configuration, and nobody sees what goes on.
 */
export function onHangup(reload: () => void): void {
  const { stdin, stdout, stderr } = process;
  // `nohup` and services have none of these, and wish to go on.
  const isAtTerminal = stdin.isTTY || stdout.isTTY || stderr.isTTY;
  process.on('SIGHUP', () => {
    if (!isAtTerminal || hasTerminal()) return reload();
    // What is said while it ends reaches nobody, and must not end it before its time.
    for (const stream of [stdout, stderr]) stream.on('error', () => undefined);
    process.kill(process.pid, 'SIGTERM');
  });
}

function hasTerminal(): boolean {
  try {
    closeSync(openSync('/dev/tty', constants.O_RDONLY | constants.O_NOCTTY));
    return true;
  } catch {
    // However it fails, nobody can be reached there.
    return false;
  }
}
