/**
 * An incident's ticket as YAML. What a person has added stays: other fields, comments, the order of things. Fields of
 * ours are brought up to date; of impact and action items only what the incident knows, so that people may fill in the
 * rest. Times are RFC 3339 in UTC. Pure.
 */
import { Document, isMap, isSeq, parseDocument, type Tags } from 'yaml';
import type { IncidentContext, TicketEntry } from '../../activities/ports.ts';
import { detectedBy } from '../../domain/kernel/declaration.ts';

/** The YAML is broken, or is not one of our tickets. */
export class UnreadableTicket extends Error {}

/** Number of keys kept, so that the file does not grow for ever. */
const KEYS_KEPT = 500;

const SKELETON = {
  incident: {
    id: null,
    severity: null,
    title: null,
    started_at: null,
    detected_by: null,
    resolved_at: null,
    impact: { users_affected: null, revenue_lost: null, duration_minutes: null },
    timeline: [],
    action_items: [],
  },
};

/** The file's new text; null when it has the entry already. `text` null: there is no file yet. */
export function withEntry(text: string | null, entry: TicketEntry, context: IncidentContext): string | null {
  const doc = text === null ? newDocument() : readDocument(text);
  const written = doc.getIn(['tocsin', 'written']);
  const keys: readonly unknown[] = isSeq(written) ? written.toJSON() : [];
  if (keys.includes(entry.key)) return null;
  for (const [name, value] of Object.entries(facts(context))) doc.setIn(['incident', name], value);
  setImpact(doc, context);
  addActionItems(doc, context);
  if (entry.action !== 'comment') doc.setIn(['incident', 'status'], entry.action === 'close' ? 'closed' : 'open');
  doc.addIn(['incident', 'timeline'], doc.createNode({ time: toTime(entry.at), event: clean(entry.text) }));
  doc.set('tocsin', doc.createNode({ written: [...keys, entry.key].slice(-KEYS_KEPT) }));
  return doc.toString({ lineWidth: 0 });
}

/** What the incident knows of its impact; a person may have replaced our fields with text. */
function setImpact(doc: Document, { projection }: IncidentContext): void {
  if (!isMap(doc.getIn(['incident', 'impact']))) return;
  const { impact, detectedAt, declaredAt, resolvedAt } = projection;
  const minutes = resolvedAt === null ? null : (Date.parse(resolvedAt) - Date.parse(detectedAt ?? declaredAt)) / 60_000;
  const values = {
    users_affected: impact?.usersAffected ?? null,
    revenue_lost: impact?.revenueLost ?? null,
    duration_minutes: minutes === null ? null : Math.round(minutes),
    scope: impact?.scope ?? null,
    data_loss: impact?.dataLoss ?? null,
    description: impact?.summary ?? null,
  };
  for (const [name, value] of Object.entries(values)) {
    if (value !== null) doc.setIn(['incident', 'impact', name], typeof value === 'string' ? clean(value) : value);
  }
}

function addActionItems(doc: Document, { projection }: IncidentContext): void {
  const items = doc.getIn(['incident', 'action_items']);
  if (!isSeq(items)) return;
  const known: readonly unknown[] = items.toJSON();
  const added = projection.actionItems.map(({ text }) => clean(text)).filter((text) => !known.includes(text));
  for (const text of added) doc.addIn(['incident', 'action_items'], text);
}

/** Whose ticket it is; null when the text does not say. */
export function incidentIdOf(text: string): string | null {
  const incidentId = readDocument(text).getIn(['incident', 'incident_id']);
  return typeof incidentId === 'string' ? incidentId : null;
}

/** Fields that are ours, in the sequence in which a new file has them. */
function facts({ incident, projection, nameOf }: IncidentContext): Readonly<Record<string, unknown>> {
  const { ic } = projection.roles;
  const incidentFields = {
    id: incident.reference,
    severity: incident.severity,
    title: incident.title,
    started_at: wholeSeconds(projection.detectedAt ?? projection.declaredAt),
    detected_by: detectedBy(projection.declaredBy, nameOf),
    resolved_at: projection.resolvedAt === null ? null : wholeSeconds(projection.resolvedAt),
    team: incident.team,
    service: incident.service,
    phase: incident.phase,
    commander: ic === null ? null : nameOf(ic),
    root_cause: projection.cause?.text ?? null,
    resolution: projection.resolution,
    source: projection.source,
    channel: projection.channel,
    url: incident.url,
    incident_id: incident.id,
    summary: incident.summary,
  };
  return Object.fromEntries(
    Object.entries(incidentFields).map(([name, value]) => [name, value === null ? null : clean(value)]),
  );
}

function newDocument(): Document {
  const doc = new Document(SKELETON);
  doc.commentBefore = ' Written by Tocsin. Fields and comments of yours are kept, as are impact and action items.';
  return doc;
}

function readDocument(text: string): Document {
  const doc: Document = parseDocument(text, { intAsBigInt: true, customTags: (tags) => tags.map(asWritten) });
  const shaped = isMap(doc.getIn(['incident'])) && isSeq(doc.getIn(['incident', 'timeline']));
  if (doc.errors.length > 0 || !shaped) throw new UnreadableTicket();
  return doc;
}

/** A person's `0049301234` reads as a number, and must not be written back as another. */
function asWritten(tag: Tags[number]): Tags[number] {
  if (typeof tag !== 'object' || !/:(int|float)$/.test(tag.tag)) return tag;
  return {
    ...tag,
    stringify: (node, ...rest) => {
      const isSame = node.source !== undefined && Number(node.source) === Number(node.value);
      return isSame ? (node.source ?? '') : (tag.stringify?.(node, ...rest) ?? String(node.value));
    },
  } as Tags[number];
}

const toTime = (at: number): string => wholeSeconds(new Date(at).toISOString());
const wholeSeconds = (time: string): string => time.replace(/\.\d+Z$/, 'Z');
const clean = (text: string): string => text.toWellFormed();
