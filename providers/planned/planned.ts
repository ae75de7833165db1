/** Contacts that can be configured already; Tocsin warns at its start that it cannot use them yet. */
import { targetLike, type Vendor } from '../vendor.ts';

const phoneNumber = targetLike('a phone number such as +4930123456', /^\+[1-9][0-9 ]{5,20}$/);

export const telephone = {
  contacts: {
    sms: { target: phoneNumber, ringsPhone: true },
    call: { target: phoneNumber, ringsPhone: true },
  },
} satisfies Vendor;

export const ntfy = {
  contacts: { ntfy: { target: targetLike('an ntfy topic or its URL', /\S/), ringsPhone: true } },
} satisfies Vendor;
