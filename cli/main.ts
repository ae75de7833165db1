/**
 * The entry of `tocsin`: the only file of the command line that touches the process. Imported for its effect.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { processes } from './processes.ts';
import { runCli } from './program.ts';

/** `tocsin show … | head` closes the pipe early: that is no failure. */
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code === 'EPIPE') process.exit(0);
  // The terminal is gone: whatever runs ends in its own time.
  if (error.code === 'EIO') return;
  throw error;
});

const exitCode = await runCli(process.argv.slice(2), {
  env: process.env,
  cwd: process.cwd(),
  version: versionOf(process.env['TOCSIN_ROOT'] ?? process.cwd()),
  out: (text) => void process.stdout.write(text),
  err: (text) => void process.stderr.write(text),
  processes,
  tty: process.stdout.isTTY === true,
  ...(process.stdin.isTTY && process.stdout.isTTY ? { ask: askOnTerminal } : {}),
});

// Native threads and kept connections must not hold up an answer; the empty write waits for what was printed.
process.stdout.write('', () => process.exit(exitCode));

/** Ctrl-D says nothing. */
function askOnTerminal(question: string): Promise<string> {
  const terminal = createInterface({ input: process.stdin, output: process.stdout });
  return new Promise((resolve) => {
    terminal.once('close', () => resolve(''));
    terminal.question(question, (answer) => {
      resolve(answer);
      terminal.close();
    });
  });
}

function versionOf(root: string): string {
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  return version;
}
