/** Every vendor, one line each. A new one needs nothing but its folder and its line here. */
export { alertmanager, grafana } from './alertmanager/alertmanager.ts';
export { builtinStatusPage, externalMonitor, log, terminal } from './builtin/builtin.ts';
export { github } from './github/github.ts';
export { mail } from './mail/mail.ts';
export { ntfy, telephone } from './planned/planned.ts';
export { pagerduty } from './pagerduty/pagerduty.ts';
export { slack } from './slack/slack.ts';
export { statuspage } from './statuspage/statuspage.ts';
export { ticketFiles } from './ticket-files/ticket-files.ts';
export { webhook } from './webhook/webhook.ts';
