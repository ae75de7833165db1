/** What a failure to mail means for trying again. The server's number counts first, nodemailer's code where there is none. */
import { DeliveryError } from '../../runtime/failures.ts';
import type { FailureKind } from '../../runtime/failures.ts';

/** "Authentication required", "too weak", "failed", "encryption required": ours to mend, whoever is mailed. */
const MEANS_SETTINGS = [530, 534, 535, 538];

/** What is said before a recipient is named is about us: our address, our sender. */
const ABOUT_US = /^(CONN|EHLO|HELO|LHLO|STARTTLS|AUTH|MAIL FROM)/;

/** The session was in a wrong state: says nothing about the message. */
const BAD_SEQUENCE = 503;
const TOO_BIG = 552;

const CODE_MEANS: Readonly<Record<string, FailureKind>> = {
  EAUTH: 'misconfigured',
  ENOAUTH: 'misconfigured',
  EOAUTH2: 'misconfigured',
  ECONFIG: 'misconfigured',
  EENVELOPE: 'rejected',
  EMESSAGE: 'rejected',
};

/** Says `mail: SMTP 550` or `mail: ETIMEDOUT`, and never what the server said: that may hold addresses. */
export function mailFailure(err: unknown): DeliveryError {
  const { code, responseCode, command } = partsOf(err);
  if (responseCode !== undefined) {
    return new DeliveryError('mail', {
      status: responseCode,
      code: `SMTP ${responseCode}`,
      kind: failureKindOfReply(responseCode, command),
    });
  }
  return new DeliveryError('mail', { code: code ?? 'no answer', kind: CODE_MEANS[code ?? ''] ?? 'retryable' });
}

function failureKindOfReply(responseCode: number, command: string): FailureKind {
  if (responseCode < 500 || responseCode === BAD_SEQUENCE) return 'retryable';
  if (MEANS_SETTINGS.includes(responseCode)) return 'misconfigured';
  return ABOUT_US.test(command) && responseCode !== TOO_BIG ? 'misconfigured' : 'rejected';
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
