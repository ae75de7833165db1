/**
 * The public page: what anybody may know, and no more. It is built field by field from entries that were written for
 * the public, so that nothing else can get onto it. Pure.
 */
import type { PublicState } from '../../domain/kernel/commands.ts';
import {
  componentStateOf,
  publicTitle,
  worstState,
  type ComponentState,
  type PublicImpact,
} from '../../domain/communications/public-state.ts';

/** What the records store of an incident for the public; updates are unsorted. Times in epoch ms. */
export interface PublicIncident {
  readonly component: string | null;
  readonly state: PublicState;
  readonly impact: PublicImpact;
  readonly nextUpdateAt: number | null;
  readonly updates: readonly { readonly at: number; readonly state: PublicState; readonly text: string }[];
}

/** Incidents with public entries that are not resolved, or have one at or after `sinceMs`. Throws when they cannot be read. */
export interface PublicEntries {
  read(sinceMs: number): Promise<readonly PublicIncident[]>;
}

/** `GET /status.json`. Times are RFC 3339 in UTC. Other programs rely on the names. */
export interface PublicPage {
  readonly page: string;
  readonly state: ComponentState;
  readonly components: readonly { readonly name: string; readonly state: ComponentState }[];
  /** Open ones first, then the latest first; their updates likewise. */
  readonly incidents: readonly {
    readonly title: string;
    readonly state: PublicState;
    readonly impact: PublicImpact;
    readonly nextUpdateAt: string | null;
    readonly updates: readonly { readonly at: string; readonly state: PublicState; readonly text: string }[];
  }[];
}

/** The page's owner, and the public names of its services. */
export interface PublicPageContents {
  readonly name: string;
  readonly components: readonly string[];
}

export function publicPage({ name, components }: PublicPageContents, incidents: readonly PublicIncident[]): PublicPage {
  const stateOf = (some: readonly PublicIncident[]): ComponentState =>
    worstState(some.map(({ state, impact }) => componentStateOf(state, impact)));
  return {
    page: name,
    state: stateOf(incidents),
    components: namesOf(components, incidents).map((component) => ({
      name: component,
      state: stateOf(incidents.filter((incident) => incident.component === component)),
    })),
    incidents: incidents
      .toSorted((a, b) => Number(isOpen(b)) - Number(isOpen(a)) || startOf(b) - startOf(a))
      .map(publicIncident),
  };
}

/** Also those that the configuration no longer has, while something is open: the headline speaks of them. */
function namesOf(configured: readonly string[], incidents: readonly PublicIncident[]): readonly string[] {
  const open = incidents.filter(isOpen).flatMap(({ component }) => (component === null ? [] : [component]));
  return [...new Set([...configured, ...open])];
}

/** The page as it may be told at `now` (epoch ms): a next update that should have come by then is promised no longer. */
export function withoutPastPromises(page: PublicPage, now: number): PublicPage {
  const incidents = page.incidents.map((incident) =>
    incident.nextUpdateAt !== null && Date.parse(incident.nextUpdateAt) <= now
      ? { ...incident, nextUpdateAt: null }
      : incident,
  );
  return { ...page, incidents };
}

const isOpen = ({ state }: PublicIncident): boolean => state !== 'Resolved';

const startOf = ({ updates }: PublicIncident): number => Math.min(...updates.map(({ at }) => at));

function publicIncident({
  component,
  state,
  impact,
  nextUpdateAt,
  updates,
}: PublicIncident): PublicPage['incidents'][number] {
  return {
    title: publicTitle(component),
    state,
    impact,
    nextUpdateAt: state === 'Resolved' || nextUpdateAt === null ? null : toTime(nextUpdateAt),
    updates: updates
      .toSorted((a, b) => b.at - a.at)
      .map((update) => ({ at: toTime(update.at), state: update.state, text: update.text })),
  };
}

const toTime = (at: number): string => new Date(at).toISOString();
