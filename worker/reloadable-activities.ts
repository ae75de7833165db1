/**
 * The activities as Temporal calls them, for as long as the worker lives: each call is served by what was made of the
 * configuration that held when it began. A call under way ends as it began; its retry begins anew.
 */
import { createNotificationActivities, createPageActivities } from '../activities/index.ts';
import type { NotificationActivities, PageActivities } from '../activities/types.ts';
import type { ConfigSource } from '../config/config-source.ts';
import { reloadable } from '../config/reloadable.ts';
import { createVendors } from '../providers/vendors.ts';
import { createPorts, type PortsSettings } from './create-ports.ts';

export interface ReloadableActivities {
  readonly pages: PageActivities;
  readonly notifications: NotificationActivities;
  /** Once no call is under way. */
  close(): void;
}

export type ReloadableActivitiesParts = Omit<PortsSettings, 'config' | 'vendors'> & {
  readonly source: Pick<ConfigSource, 'current' | 'prepareOnReload'>;
};

export function reloadableActivities({ source, ...settings }: ReloadableActivitiesParts): ReloadableActivities {
  const made = reloadable(source, {
    create: (config) => {
      const vendors = createVendors(config);
      const ports = createPorts({ ...settings, config, vendors });
      return { vendors, pages: createPageActivities(ports), notifications: createNotificationActivities(ports) };
    },
    end: ({ vendors }) => vendors.close(),
  });
  return {
    pages: forwardToCurrent(() => made.current().pages),
    notifications: forwardToCurrent(() => made.current().notifications),
    close: () => made.close(),
  };
}

/** The same functions by name, each of which looks up today's when it is called. */
function forwardToCurrent<A extends object>(now: () => A): A {
  const names = Object.keys(now()) as (keyof A)[];
  const follow = (name: keyof A) => (request: unknown) => (now()[name] as (request: unknown) => unknown)(request);
  return Object.fromEntries(names.map((name) => [name, follow(name)])) as A;
}
