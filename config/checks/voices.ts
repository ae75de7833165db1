/** Providers that something relies on: each is configured. A section that is broken has its own finding already. */
import { type Draft } from '../draft.ts';
import { nearest } from '../nearest.ts';
import { type Finding, type Path } from '../problems.ts';
import { type ContactInput } from '../schema/file.ts';

export function checkVoices(draft: Draft): readonly Finding[] {
  return [
    ...[...draft.people].flatMap(([id, person]) =>
      person ? checkContacts(draft, ['people', id], person.contact) : [],
    ),
    ...[...draft.services].flatMap(([id, service]) =>
      service?.pagerduty === undefined
        ? []
        : checkService(draft, service.pagerduty, ['services', id, 'pagerduty'], 'this service would page nobody'),
    ),
  ];
}

/** Of what lies at `at`, under its key `contact`. */
export function checkContacts(draft: Draft, at: Path, contact: readonly ContactInput[] = []): readonly Finding[] {
  const { rest, isBroken } = draft;
  return contact.flatMap((way, index): readonly Finding[] => {
    const path = (kind: string): Path => [...at, 'contact', index, kind];
    if ('pagerduty' in way && way.pagerduty !== undefined) {
      return checkService(draft, way.pagerduty, path('pagerduty'), UNUSABLE);
    }
    if ('slack' in way && !rest.chat?.slack && !isBroken(['chat'])) {
      const message = `${UNUSABLE}: configure chat: { slack: { botToken: "\${SLACK_BOT_TOKEN}" } }, or remove it`;
      return [{ path: path('slack'), message }];
    }
    if ('email' in way && !rest.mail && !isBroken(['mail'])) {
      const message = `${UNUSABLE}: configure mail: { smtp: "smtp://…", from: … }, or remove it`;
      return [{ path: path('email'), message }];
    }
    return [];
  });
}

const UNUSABLE = 'this contact would reach nobody';

function checkService({ rest, isBroken }: Draft, name: string, path: Path, what: string): readonly Finding[] {
  if (isBroken(['pagerduty'])) return [];
  const known = Object.keys(rest.pagerduty?.services ?? {});
  if (known.includes(name)) return [];
  const remedy =
    known.length === 0 ? `configure pagerduty: { services: { ${name}: { routingKey: … } } }` : nearest(name, known);
  return [{ path, message: `${what}, pagerduty.services has no "${name}": ${remedy}` }];
}
