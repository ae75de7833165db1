/** The voices of a checked draft, in the configuration's own shape. What is not set is null, or the vendor's default. */
import {
  type Config,
  type GithubSetting,
  type PagerdutySetting,
  type SlackSetting,
  type StatuspageSetting,
} from './config.ts';
import { API_URLS } from './defaults.ts';
import { type ConfigDraft } from './draft.ts';
import { type ChatInput, type PagerdutyInput, type StatusPageInput, type TicketsInput } from './schema/config-file.ts';

type NotificationConfig = Pick<Config, 'statusPageFirst' | 'statusPage' | 'slack' | 'pagerduty' | 'mail' | 'tickets'>;

export function toNotificationSettings({
  chat,
  statusPage,
  tickets,
  mail,
  pagerduty,
}: ConfigDraft['otherSections']): NotificationConfig {
  return {
    statusPageFirst: statusPage?.first ?? 'confirmed',
    statusPage: {
      builtin: statusPage?.builtin ?? true,
      url: statusPage?.url ?? null,
      statuspage: toStatuspage(statusPage?.statuspage),
    },
    slack: toSlack(chat?.slack),
    pagerduty: toPagerduty(pagerduty),
    mail: mail ?? null,
    tickets: { files: tickets?.files ?? true, github: toGithub(tickets?.github) },
  };
}

function toSlack(slack: NonNullable<ChatInput>['slack']): SlackSetting | null {
  if (!slack) return null;
  const { botToken, signingSecret, apiUrl, channel } = slack;
  return {
    botToken,
    signingSecret: signingSecret ?? null,
    apiUrl: apiUrl ?? API_URLS.slack,
    channel: channel ?? null,
  };
}

function toStatuspage(statuspage: NonNullable<StatusPageInput>['statuspage']): StatuspageSetting | null {
  if (!statuspage) return null;
  const { pageId, apiKey, apiUrl, components = {} } = statuspage;
  return { pageId, apiKey, apiUrl: apiUrl ?? API_URLS.statuspage, components: new Map(Object.entries(components)) };
}

function toGithub(github: NonNullable<TicketsInput>['github']): GithubSetting | null {
  if (!github) return null;
  const { repository, token, apiUrl, labels } = github;
  return { repository, token, apiUrl: apiUrl ?? API_URLS.github, labels: labels ?? [] };
}

function toPagerduty(pagerduty: PagerdutyInput): PagerdutySetting | null {
  if (!pagerduty) return null;
  const { services, apiUrl } = pagerduty;
  return { apiUrl: apiUrl ?? API_URLS.pagerduty, services: new Map(Object.entries(services)) };
}
