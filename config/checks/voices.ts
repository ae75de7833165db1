/** Providers that something relies on: each is configured. A section that is broken has its own finding already. */
import { type ConfigDraft } from '../draft.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Finding, type Path } from '../config-problems.ts';
import { type ContactInput } from '../schema/config-file.ts';

export function checkProvidersConfigured(draft: ConfigDraft): readonly Finding[] {
  return [
    ...[...draft.people].flatMap(([id, person]) =>
      person ? checkContacts(draft, ['people', id], person.contact) : [],
    ),
    ...[...draft.services].flatMap(([id, service]) =>
      service?.pagerduty === undefined
        ? []
        : checkPagerdutyService(
            draft,
            service.pagerduty,
            ['services', id, 'pagerduty'],
            'this service would page nobody',
          ),
    ),
  ];
}

/** Of what lies at `at`, under its key `contact`. */
export function checkContacts(draft: ConfigDraft, at: Path, contact: readonly ContactInput[] = []): readonly Finding[] {
  const { otherSections, isBroken } = draft;
  return contact.flatMap((way, index): readonly Finding[] => {
    const path = (kind: string): Path => [...at, 'contact', index, kind];
    if ('pagerduty' in way && way.pagerduty !== undefined) {
      return checkPagerdutyService(draft, way.pagerduty, path('pagerduty'), UNUSABLE);
    }
    if ('slack' in way && !otherSections.chat?.slack && !isBroken(['chat'])) {
      const message = `${UNUSABLE}: configure chat: { slack: { botToken: "\${SLACK_BOT_TOKEN}" } }, or remove it`;
      return [{ path: path('slack'), message }];
    }
    if ('email' in way && !otherSections.mail && !isBroken(['mail'])) {
      const message = `${UNUSABLE}: configure mail: { smtp: "smtp://…", from: … }, or remove it`;
      return [{ path: path('email'), message }];
    }
    return [];
  });
}

const UNUSABLE = 'this contact would reach nobody';

function checkPagerdutyService(
  { otherSections, isBroken }: ConfigDraft,
  name: string,
  path: Path,
  what: string,
): readonly Finding[] {
  if (isBroken(['pagerduty'])) return [];
  const known = Object.keys(otherSections.pagerduty?.services ?? {});
  if (known.includes(name)) return [];
  const remedy =
    known.length === 0 ? `configure pagerduty: { services: { ${name}: { routingKey: … } } }` : didYouMean(name, known);
  return [{ path, message: `${what}, pagerduty.services has no "${name}": ${remedy}` }];
}
