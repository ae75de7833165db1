/** Everything that is derived from the registry: kinds of contacts, parts of the configuration, and connected vendors. */
import type { z } from 'zod';
import type { AlertSource, Chat, Contact, StakeholderContact, StatusPage, Tickets } from '../activities/ports.ts';
import * as registry from './registry.ts';
import type { AlertApi, ConnectedVendor, OrganizationSettings, PagingMethod, Vendor } from './vendor.ts';

type Registry = typeof registry;
type VendorName = keyof Registry;
type KeysOf<V, K extends string> = V extends { readonly [key in K]: infer Kinds } ? keyof Kinds & string : never;

/** A key of a person's `contact`, such as `webhook`. */
export type ContactKind = KeysOf<Registry[VendorName], 'contacts'>;
/** A key of a stakeholder's `contact`. */
export type StakeholderContactKind = KeysOf<Registry[VendorName], 'stakeholderContacts'>;

type SchemaOf<N extends VendorName> = Registry[N] extends {
  readonly settings: { readonly schema: infer S extends z.ZodType };
}
  ? S
  : never;
type PlaceOf<N extends VendorName> = Registry[N] extends { readonly settings: { readonly at: infer At } } ? At : null;
/** Sections of the file that contain vendors. */
type Section = {
  [N in VendorName]: PlaceOf<N> extends `${infer S}.${string}` ? S : never;
}[VendorName];
type Configurable = { [N in VendorName]: Registry[N] extends { readonly settings: object } ? N : never }[VendorName];

/** The settings of every vendor that has some; null: not configured. */
export type VendorSettings = { readonly [N in Configurable]: z.output<SchemaOf<N>> | null };

const vendors = Object.entries(registry) as readonly (readonly [Configurable, Vendor])[];

const methods = new Map<string, PagingMethod>(vendors.flatMap(([, { contacts = {} }]) => Object.entries(contacts)));

const kindsThat = (fits: (method: PagingMethod) => boolean): ReadonlySet<ContactKind> =>
  new Set([...methods].flatMap(([kind, method]) => (fits(method) ? [kind as ContactKind] : [])));

const CONTACT_KINDS = kindsThat(() => true);
/** Quiet: they inform, but wake nobody. */
export const QUIET_CONTACTS = kindsThat(({ quiet }) => quiet === true);
/** A person paged for a SEV1 should have one of these. */
export const PHONE_CONTACTS = kindsThat(({ ringsPhone }) => ringsPhone === true);
/** The kinds that can page, once their vendor is configured. The others are checked, and named as not used yet. */
export const USABLE_CONTACTS: ReadonlySet<ContactKind> = new Set(
  [...CONTACT_KINDS].filter((kind) => vendorOfKind(kind).connect !== undefined),
);

/** Kind → what its target looks like in the file; each key may be left out. */
export const contactTargets = Object.fromEntries(
  [...methods].map(([kind, { target }]) => [kind, target.optional()]),
) as Record<ContactKind, z.ZodOptional<z.ZodType<string | true>>>;

export const stakeholderContactTargets = Object.fromEntries(
  vendors.flatMap(([, { stakeholderContacts = {} }]) =>
    Object.entries(stakeholderContacts).map(([kind, target]) => [kind, target.optional()]),
  ),
) as Record<StakeholderContactKind, z.ZodOptional<z.ZodType<string>>>;

function vendorOfKind(kind: ContactKind): Vendor {
  const found = vendors.find(([, { contacts = {} }]) => kind in contacts);
  if (found === undefined) throw new Error(`no vendor has contacts of the kind ${kind}`);
  return found[1];
}

/** The vendors' parts of the section `section` of the file, by key. */
export function vendorSections<const S extends Section>(section: S) {
  type Shape = {
    [N in VendorName as PlaceOf<N> extends `${S}.${infer Key}` ? Key : never]: z.ZodOptional<SchemaOf<N>>;
  };
  return shapeOf((at) => (at.startsWith(`${section}.`) ? at.slice(section.length + 1) : null)) as unknown as Shape;
}

/** The vendors with a section of their own. */
export function ownVendorSections() {
  type Shape = {
    [
      N in VendorName as PlaceOf<N> extends `${string}.${string}` ? never : NonNullable<PlaceOf<N>> & string
    ]: z.ZodOptional<SchemaOf<N>>;
  };
  return shapeOf((at) => (at.includes('.') ? null : at)) as unknown as Shape;
}

function shapeOf(keyOf: (at: string) => string | null): Record<string, z.ZodOptional> {
  return Object.fromEntries(
    vendors.flatMap(([, { settings }]) => {
      const key = settings === undefined ? null : keyOf(settings.at);
      return settings === undefined || key === null ? [] : [[key, settings.schema.optional()]];
    }),
  );
}

/** The paths of vendors' settings in the file. */
export const VENDOR_PLACES = vendors.flatMap(([name, { settings }]) => {
  if (settings === undefined) return [];
  const { at, example } = settings;
  return [{ name, at, section: at.split('.', 1)[0] ?? at, example }];
});

/** `sections`: the file's, as their schemas read them. */
export function vendorSettingsIn(sections: Readonly<Record<string, unknown>>): VendorSettings {
  const read = ({ at }: { at: string }): unknown =>
    at.split('.').reduce<unknown>((part, key) => (part as Record<string, unknown> | undefined)?.[key], sections);
  return Object.fromEntries(
    VENDOR_PLACES.map((place) => [place.name, read(place) ?? null]),
  ) as unknown as VendorSettings;
}

/** The path of the settings that contacts of `kind` need; null when they need none. */
export function placeOfKind(kind: ContactKind): (typeof VENDOR_PLACES)[number] | null {
  const { settings } = vendorOfKind(kind);
  return VENDOR_PLACES.find(({ at }) => at === settings?.at) ?? null;
}

/** The settings that contacts of `kind` need; null when they need none, or when these are missing. */
export function settingsOfKind(kind: ContactKind, settings: VendorSettings): unknown {
  const place = placeOfKind(kind);
  return place === null ? null : settings[place.name];
}

export interface ContactSetting {
  readonly kind: string;
  /** URL of a webhook, address of a mail …; empty for the terminal. */
  readonly target: string;
}

/** The configured vendors: one client each, shared by everything that uses it. */
export class Vendors {
  readonly #connected: ReadonlyMap<VendorName, ConnectedVendor>;

  constructor(settings: Partial<VendorSettings>) {
    this.#connected = new Map(
      vendors.flatMap(([name, { connect, settings: part }]) => {
        const own = (settings as Readonly<Record<string, unknown>>)[name] ?? null;
        return connect === undefined || (part !== undefined && own === null) ? [] : [[name, connect(own as never)]];
      }),
    );
  }

  /** In order of preference; a second of a kind is called `webhook-2`. Unusable ones are left out. */
  contacts(settings: readonly ContactSetting[]): readonly Contact[] {
    return this.#made(settings, 'contacts', (vendor, target, method) => vendor.contact?.(target, method));
  }

  stakeholderContacts(settings: readonly ContactSetting[]): readonly StakeholderContact[] {
    return this.#made(settings, 'stakeholderContacts', (vendor, target, method) =>
      vendor.stakeholderContact?.(target, method),
    );
  }

  #made<T>(
    settings: readonly ContactSetting[],
    kinds: 'contacts' | 'stakeholderContacts',
    make: (vendor: ConnectedVendor, target: string, method: string) => T | null | undefined,
  ): readonly T[] {
    const counts = new Map<string, number>();
    return settings.flatMap(({ kind, target }) => {
      const nth = (counts.get(kind) ?? 0) + 1;
      counts.set(kind, nth);
      const name = vendors.find(([, vendor]) => kind in (vendor[kinds] ?? {}))?.[0];
      const vendor = name && this.#connected.get(name);
      const made = vendor && make(vendor, target, nth === 1 ? kind : `${kind}-${nth}`);
      return made ? [made] : [];
    });
  }

  chat(organization: OrganizationSettings): Chat {
    const chats = this.#serving((vendor) => vendor.chat?.(organization));
    return {
      post: (post, context, signal) => toAll(chats, (chat) => chat.post(post, context, signal)),
      updatePinned: (context, signal) => toAll(chats, async (chat) => chat.updatePinned?.(context, signal)),
    };
  }

  statusPage(organization: OrganizationSettings): StatusPage {
    const pages = this.#serving((vendor) => vendor.statusPage?.(organization));
    return { publish: (entry, context, signal) => toAll(pages, (page) => page.publish(entry, context, signal)) };
  }

  tickets(organization: OrganizationSettings): Tickets {
    const systems = this.#serving((vendor) => vendor.tickets?.(organization));
    return { write: (entry, context, signal) => toAll(systems, (system) => system.write(entry, context, signal)) };
  }

  /** Null: that source cannot be asked what fires. */
  alertSource(name: string, api: AlertApi): AlertSource | null {
    return this.#connected.get(name as VendorName)?.alertSource?.(api) ?? null;
  }

  #serving<T>(service: (vendor: ConnectedVendor) => T | null | undefined): readonly T[] {
    return [...this.#connected.values()].flatMap((vendor) => service(vendor) ?? []);
  }

  close(): void {
    for (const vendor of this.#connected.values()) vendor.close?.();
  }
}

/** When one vendor fails the others are still served; a retry is harmless to those that already have it. */
async function toAll<T>(services: readonly T[], deliver: (service: T) => Promise<void>): Promise<void> {
  const results = await Promise.allSettled(services.map(deliver));
  const failed = results.find((result) => result.status === 'rejected');
  if (failed !== undefined) throw failed.reason;
}
