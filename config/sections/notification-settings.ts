/** The ways Tocsin speaks: chat, public page, tickets, mail, PagerDuty. Every provider has a base URL setting. */
import { z } from 'zod';
import { channel } from '../schema/channel.ts';
import { baseUrl, flag, link, named, strict, text, token, vendorId } from '../schema/primitives.ts';

const apiUrl = baseUrl.optional();

/** A vendor's name for a repository; `.` and `..` would lead elsewhere in an address. */
const repository = text(150).regex(
  /^[A-Za-z0-9][A-Za-z0-9-]*\/(?!\.{1,2}$)[\w.-]+$/,
  'expected owner/name, e.g. example/incidents, without the host',
);

const smtp = text(2000)
  .regex(/^smtps?:\/\/[^\s/]+/i, { error: 'expected smtp://host or smtps://host', abort: true })
  .refine(
    (url) => URL.canParse(url),
    'this is not an address: write special characters of the password as %23 and the like',
  );

const from = text(320).regex(
  /^([^<>\r\n]*<[^\s@<>,;"]+@[^\s@<>,;"]+>|[^\s@<>,;"]+@[^\s@<>,;"]+)$/,
  'expected a mail address, or one with a name: "Incidents <incidents@example.com>"',
);

const slack = strict({ botToken: token, signingSecret: text(1000).optional(), apiUrl, channel: channel.optional() });

const statuspage = strict({
  pageId: vendorId('the id of the page'),
  apiKey: token,
  apiUrl,
  components: named(
    text(100),
    vendorId('the id of the component'),
    'ids by component, e.g. Checkout: kctbh9vrtdwd',
  ).optional(),
});

const github = strict({
  repository,
  token,
  apiUrl,
  labels: z.array(text(50), { error: 'expected a list of labels, e.g. [incident]' }).max(50, 'at most 50').optional(),
});

export const notificationSettings = {
  chat: strict({ slack: slack.optional() }).optional(),
  statusPage: strict({
    builtin: flag.optional(),
    url: link.optional(),
    first: z.enum(['confirmed', 'auto'], { error: 'expected confirmed or auto' }).optional(),
    statuspage: statuspage.optional(),
  }).optional(),
  tickets: strict({
    files: flag.optional(),
    github: github.optional(),
    jira: z.record(z.string(), z.unknown(), { error: 'expected a mapping' }).optional(),
  }).optional(),
  mail: strict({ smtp, from }).optional(),
  pagerduty: strict({
    services: named(
      text(100),
      strict({ routingKey: token }),
      'services, e.g. platform: { routingKey: "${PD_PLATFORM}" }',
    ),
    apiUrl,
  }).optional(),
};
