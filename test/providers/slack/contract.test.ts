/** The common contract: a post to the incident's channel, a post to the team's, a direct message. */
import { slackChat } from '../../../providers/slack/chat.ts';
import { slackClient } from '../../../providers/slack/client.ts';
import { slackContact } from '../../../providers/slack/contact.ts';
import { startFakeSlack } from '../../support/fake-slack.ts';
import type { FakeSlack } from '../../support/fake-slack.ts';
import { describeProvider } from '../provider-contract.ts';
import type { Deliver } from '../provider-contract.ts';
import { aPage, aPost, anIncidentContext } from '../provider-fixtures.ts';

function vendorOf(
  fake: FakeSlack,
  effects: () => number,
  deliver: (client: ReturnType<typeof slackClient>) => Deliver,
) {
  return {
    url: fake.url.replace(/\/api$/, ''),
    secrets: [fake.token],
    provider: (url: string) => deliver(slackClient({ botToken: fake.token, apiUrl: `${url}/api/` })),
    effects,
    unexpected: () => fake.unexpected,
    expireToken: () => fake.expireToken(),
    close: () => fake.close(),
  };
}

function chatOf(client: ReturnType<typeof slackClient>, teamChannel: string | null) {
  const nobody = { memberOf: () => null, displayName: (person: string) => person };
  return slackChat({
    client,
    channelOf: () => teamChannel,
    releasesChannel: null,
    timeZone: 'Europe/Berlin',
    ...nobody,
  });
}

const posts = { act: (_method: string, path: string) => path.endsWith('/chat.postMessage') };

describeProvider(
  "slack, the team's channel,",
  async () => {
    const fake = await startFakeSlack({ channels: [{ name: 'other' }, { name: 'platform' }] });
    return vendorOf(
      fake,
      () => fake.messagesIn('platform').length,
      (client) => {
        const post = aPost();
        // A process that has just started: only Slack knows what was said.
        return (mayBeRepeat, signal) =>
          chatOf({ ...client }, 'platform').post(
            { ...post, mayBeRepeat },
            anIncidentContext({ wantsChannel: false }),
            signal,
          );
      },
    );
  },
  posts,
);

describeProvider(
  "slack, an incident's channel,",
  async () => {
    const fake = await startFakeSlack({ channels: [{ name: 'platform' }] });
    const made = () => fake.channels().filter(({ name }) => name.startsWith('incident-'));
    return vendorOf(
      fake,
      () => made().length,
      (client) => {
        const post = aPost();
        // Not even what was made is known: the process died with it.
        return (mayBeRepeat, signal) =>
          chatOf({ ...client }, null).post({ ...post, mayBeRepeat }, anIncidentContext(), signal);
      },
    );
  },
  { act: (_method, path) => path.endsWith('/conversations.create') },
);

describeProvider(
  'slack, a direct message,',
  async () => {
    const fake = await startFakeSlack({ members: ['U024BE7LH'] });
    return vendorOf(
      fake,
      () => (fake.calls.length === 0 ? 0 : fake.messagesIn('U024BE7LH').length),
      (client) => {
        const contact = slackContact(client, 'U024BE7LH', 'slack');
        return (_again, signal) => contact.send(aPage(), signal);
      },
    );
  },
  { ...posts, forgets: true },
);
