/** Providers that something relies on: each is configured. A section that is broken has its own finding already. */
import { type ConfigDraft } from '../draft.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Finding, type Path } from '../config-problems.ts';
import { placeOfKind, vendorSettingsIn, type ContactKind } from '../../providers/vendors.ts';
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
  const configured = vendorSettingsIn(otherSections);
  return contact.flatMap((way, index): readonly Finding[] => {
    const path = (kind: string): Path => [...at, 'contact', index, kind];
    if ('pagerduty' in way && way.pagerduty !== undefined) {
      return checkPagerdutyService(draft, String(way.pagerduty), path('pagerduty'), UNUSABLE);
    }
    return (Object.keys(way) as ContactKind[]).flatMap((kind) => {
      const place = placeOfKind(kind);
      if (place === null || isBroken([place.section]) || configured[place.name] !== null) return [];
      return [{ path: path(kind), message: `${UNUSABLE}: configure ${place.example}, or remove it` }];
    });
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
  const known = [...(otherSections.pagerduty?.services.keys() ?? [])];
  if (known.includes(name)) return [];
  const remedy =
    known.length === 0 ? `configure pagerduty: { services: { ${name}: { routingKey: … } } }` : didYouMean(name, known);
  return [{ path, message: `${what}, pagerduty.services has no "${name}": ${remedy}` }];
}
