/** What a failure to mail means for trying again. The server's number counts first, nodemailer's code where there is none. */
import { DeliveryError } from '../../activities/failures.ts';
import type { Trouble } from '../../activities/failures.ts';

/** "Authentication required", "too weak", "failed", "encryption required": ours to mend, whoever is mailed. */
const MEANS_SETTINGS = [530, 534, 535, 538];

/** What is said before a recipient is named is about us: our address, our sender. */
const ABOUT_US = /^(CONN|EHLO|HELO|LHLO|STARTTLS|AUTH|MAIL FROM)/;

/** The session was in a wrong state: says nothing about the message. */
const BAD_SEQUENCE = 503;
const TOO_BIG = 552;

const CODE_MEANS: Readonly<Record<string, Trouble>> = {
  EAUTH: 'settings',
  ENOAUTH: 'settings',
  EOAUTH2: 'settings',
  ECONFIG: 'settings',
  EENVELOPE: 'refused',
  EMESSAGE: 'refused',
};

/** Says `mail: SMTP 550` or `mail: ETIMEDOUT`, and never what the server said: that may hold addresses. */
export function mailTrouble(err: unknown): DeliveryError {
  const { code, responseCode, command } = partsOf(err);
  if (responseCode !== undefined) {
    return new DeliveryError('mail', {
      status: responseCode,
      code: `SMTP ${responseCode}`,
      trouble: meaningOf(responseCode, command),
    });
  }
  return new DeliveryError('mail', { code: code ?? 'no answer', trouble: CODE_MEANS[code ?? ''] ?? 'later' });
}

function meaningOf(responseCode: number, command: string): Trouble {
  if (responseCode < 500 || responseCode === BAD_SEQUENCE) return 'later';
  if (MEANS_SETTINGS.includes(responseCode)) return 'settings';
  return ABOUT_US.test(command) && responseCode !== TOO_BIG ? 'settings' : 'refused';
}

function partsOf(err: unknown): { code: string | undefined; responseCode: number | undefined; command: string } {
  const { code, responseCode, command } = (typeof err === 'object' && err !== null ? err : {}) as Record<
    string,
    unknown
  >;
  return {
    code: typeof code === 'string' && /^[A-Z0-9_]{1,40}$/.test(code) ? code : undefined,
    responseCode:
      typeof responseCode === 'number' && responseCode >= 200 && responseCode < 600 ? responseCode : undefined,
    command: typeof command === 'string' ? command : '',
  };
}
