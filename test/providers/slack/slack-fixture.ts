/** A chat at a fake Slack, and the calls that a worker makes of it. */
import type { ChatPost, IncidentContext } from '../../../activities/ports.ts';
import { slackChat } from '../../../providers/slack/chat.ts';
import { slackClient } from '../../../providers/slack/client.ts';
import { startFakeSlack } from '../../support/fake-slack.ts';
import type { FakeSlack } from '../../support/fake-slack.ts';
import { aPost, anIncidentContext } from '../provider-fixtures.ts';

export const MEMBERS: Readonly<Record<string, string>> = { ana: 'U0ANA0000', bo: 'U0BO00000', gone: 'U0GONE000' };
const NAMES: Readonly<Record<string, string>> = { ana: 'Ana Ruiz', bo: 'Bo Lind' };

export interface SlackFixture {
  readonly fake: FakeSlack;
  /** The incident's refs, as they stay over calls. */
  readonly refs: Record<string, string>;
  scene(over?: Parameters<typeof anIncidentContext>[0]): IncidentContext;
  /** Like a new process each time: nothing is remembered but the refs. */
  post(over?: Partial<ChatPost>, scene?: IncidentContext): Promise<void>;
  refresh(scene?: IncidentContext): Promise<void>;
}

interface Over {
  readonly channels?: Parameters<typeof startFakeSlack>[0];
  readonly teamChannel?: string | null;
  readonly releasesChannel?: string | null;
}

const CHANNELS = [{ name: 'platform' }, { name: 'releases' }];

export async function startSlackFixture(over: Over = {}): Promise<SlackFixture> {
  const { teamChannel = 'platform', releasesChannel = 'releases' } = over;
  const fake = await startFakeSlack(over.channels ?? { channels: CHANNELS, members: ['U0ANA0000', 'U0BO00000'] });
  const refs: Record<string, string> = {};
  const scene: SlackFixture['scene'] = (more = {}) => anIncidentContext({ refs, ...more });
  const chat = () =>
    slackChat({
      client: slackClient({ botToken: fake.token, apiUrl: fake.url }),
      channelOf: () => teamChannel,
      releasesChannel,
      memberOf: (person) => MEMBERS[person] ?? null,
      timeZone: 'Europe/Berlin',
      displayName: (person) => NAMES[person] ?? person,
    });
  const inTime = () => AbortSignal.timeout(9_000);
  return {
    fake,
    refs,
    scene,
    post: (more = {}, at = scene()) => chat().post(aPost(more), at, inTime()),
    refresh: async (at = scene()) => chat().updatePinned?.(at, inTime()),
  };
}

export const CHANNEL = 'incident-2024-01-15-payments';
