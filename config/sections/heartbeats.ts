/** What is watched for its silence, and who watches Tocsin itself. */
import { z } from 'zod';
import { duration, orOff } from '../schema/duration.ts';
import { contact } from './people.ts';
import { id, link, named, off, oneOrMany, severity, strict, text, token } from '../schema/primitives.ts';

const heartbeat = strict({
  every: duration,
  grace: duration.optional(),
  team: id.optional(),
  severity: severity.optional(),
  service: text(200).optional(),
  token: token.optional(),
});

const lastResort = strict({
  after: orOff(duration).optional(),
  heartbeat: link.refine((url) => URL.canParse(url), 'this is not an address that can be called').optional(),
  every: duration.optional(),
  contact: oneOrMany(contact, 'expected a list of contacts such as [{ webhook: "https://…" }]').optional(),
});

export const heartbeatSections = {
  heartbeats: named(id, heartbeat, 'heartbeats, e.g. Watchdog: { every: 5m }').optional(),
  lastResort: z
    .union([off, lastResort], {
      error: 'expected { heartbeat: "https://…", contact: [{ webhook: "https://…" }] }, or off',
    })
    .optional(),
};
