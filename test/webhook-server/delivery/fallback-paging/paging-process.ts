/**
 * Run as a process of its own: takes alerts into a spool for ever, pages about them as if Temporal were away, and prints
 * each group once the spool has it. Arguments: the directory, the sink's address, how many people there are.
 */
import { createFallbackPaging } from '../../../../webhook-server/delivery/fallback-paging/fallback-paging.ts';
import { openDedupLog } from '../../../../webhook-server/delivery/fallback-paging/dedup-log.ts';
import { webhookContact } from '../../../../providers/webhook/webhook.ts';
import { openSpool } from '../../../../webhook-server/delivery/spool/spool.ts';
import { aPolicy } from '../../../support/builders.ts';
import { alert, routed, silentLog } from '../../support/routed-alerts.ts';

const [directory = '', sink = '', people = '0'] = process.argv.slice(2);
const log = silentLog();
const spool = await openSpool({ directory, log });
const fallbackPaging = createFallbackPaging({
  dedupLog: await openDedupLog({ directory, log }),
  afterMs: () => 20,
  peopleBehindName: (name) => [name],
  contacts: (person) => [webhookContact(`${sink}/${person}`, 'webhook')],
  links: { incident: () => 'http://tocsin.example/', acknowledge: () => 'http://tocsin.example/ack' },
  log,
});
const { alerts } = await spool.backlog((kept) => fallbackPaging.spooled(kept, 'again'));
process.stdout.write('ready\n');

for (let n = alerts.length; n < Number(people); n += 1) {
  // Everybody has a group of his own, so that nobody's pages are held back.
  const whole = routed(`inc-${n}`, [alert('x'), alert('y')]);
  const policy = aPolicy({ digest: `p${n}`, levels: [[`p${n}`]] });
  const kept = { ...whole, receivedAt: Date.now(), declaration: { ...whole.declaration, policy } };
  await spool.append(kept);
  fallbackPaging.spooled(kept);
  process.stdout.write(`inc-${n}\n`);
  await new Promise((resolve) => setTimeout(resolve, 3));
}
await new Promise(() => setInterval(() => undefined, 1000)); // pages go on
