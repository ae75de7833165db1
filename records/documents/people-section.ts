/** Everyone who was in it: what they were, what they wrote, whether they were paged. Pure. */
import { isPage } from '../../domain/kernel/delivery-kind.ts';
import type { WholeRecord } from '../records.ts';
import { roleName } from './document-sections.ts';
import { escapeMarkdown, row, table } from './escape-markdown.ts';
import { countOf, type DocumentFormat } from './document-format.ts';

export function peopleOf({ incident, timeline }: WholeRecord, { nameOf }: DocumentFormat): string {
  const roles = Object.entries(incident.roles);
  const pages = incident.deliveries.filter(isPage);
  const paged = new Set(pages.flatMap(({ to, state }) => (state === 'accepted' ? [to] : [])));
  const holders = roles.flatMap(([, person]) => (person === null ? [] : [person]));
  const names = [...new Set([...holders, ...(incident.peopleInvolved ?? []), ...paged])];
  const rows = names.map((name) => {
    const held = roles.flatMap(([role, person]) => (person === name ? [roleName(role)] : []));
    const lines = timeline.filter(({ by }) => by === name).length;
    return row(
      escapeMarkdown(nameOf(name)),
      held.join(', '),
      lines === 0 ? '' : countOf(lines, 'line'),
      yes(paged.has(name)),
    );
  });
  return table(['Who', 'Role', 'On the timeline', 'Paged'], rows, 'nobody');
}

const yes = (holds: boolean): string => (holds ? 'yes' : '');
