/** Evidence hooks: each has a name of its own, and the services it names exist. */
import { type ConfigDraft } from '../draft.ts';
import { didYouMean } from '../did-you-mean.ts';
import { type Finding } from '../config-problems.ts';

export function checkPostIncident({ otherSections: { evidence = [] }, services }: ConfigDraft): readonly Finding[] {
  return evidence.flatMap(({ name, services: named = [] }, index): readonly Finding[] => {
    const at = ['evidence', index];
    const isTwice = evidence.findIndex((hook) => hook.name === name) < index;
    const unknown = named.flatMap((service, i): readonly Finding[] => {
      const message = `nothing under services is called "${service}": ${didYouMean(service, [...services.keys()])}`;
      return services.has(service) ? [] : [{ path: [...at, 'services', i], message }];
    });
    const message = `another hook is called "${name}": give each its own name`;
    return [...(isTwice ? [{ path: [...at, 'name'], message }] : []), ...unknown];
  });
}
