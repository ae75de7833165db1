/** Errors that end a process with a known exit code and tell the person what to do about it. */

export const EXIT_UNAVAILABLE = 69;
export const EXIT_CONFIGURATION = 78;

/** `message`: what is wrong, in a sentence; `remedy`: what the person can do, in a sentence. */
export class ExitError extends Error {
  readonly exitCode: number;
  readonly remedy: string;
  constructor(exitCode: number, message: string, remedy: string) {
    super(message);
    this.name = 'ExitError';
    this.exitCode = exitCode;
    this.remedy = remedy;
  }
}
