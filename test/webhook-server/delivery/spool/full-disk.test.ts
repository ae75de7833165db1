/** A full disk while Temporal is away: the sender is told to come again, in time, until there is room. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { connectClient, temporalSettings } from '../../../../runtime/temporal-connection.ts';
import { IncidentsUnavailable } from '../../../../webhook-server/incidents/incident-queries.ts';
import { NotDurable } from '../../../../webhook-server/delivery/durable-delivery.ts';
import { createTemporalGateway } from '../../../../webhook-server/incidents/gateway.ts';
import { openSpool } from '../../../../webhook-server/delivery/spool/spool.ts';
import { alert, routed, silentLog } from '../../support/routed-alerts.ts';

const home = mkdtempSync(join(tmpdir(), 'spool-full-'));
afterAll(() => rmSync(home, { recursive: true, force: true }));

/** A real, tiny file system needs the right to mount one. */
function mountTiny(at: string): boolean {
  mkdirSync(at);
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=256k', 'tmpfs', at], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

test('[ALERT-8] no room on the disk and no Temporal: 503 in time, also for an acknowledgement; room brings both back', async () => {
  const disk = join(home, 'disk');
  if (!mountTiny(disk)) {
    process.stdout.write('skipped: no right to mount a small file system for the full-disk test\n');
    return;
  }
  const log = silentLog();
  const spool = await openSpool({ directory: join(disk, 'spool'), log });
  const { client, close } = connectClient(temporalSettings({ address: '127.0.0.1:1', namespace: 'default' }, {}));
  const incidents = createTemporalGateway({ client, spool, log });
  const acknowledge = () => incidents.command('inc-a', { type: 'acknowledge', by: 'ana', requestId: 'once' });
  try {
    expect(await incidents.report([routed('inc-a', [alert('x')])])).toEqual(['inc-a']);
    writeFileSync(join(disk, 'ballast'), Buffer.alloc(250 * 1024), { flag: 'a' });
  } catch {
    // It is full.
  }
  try {
    const begunAt = performance.now();
    const big = routed('inc-b', [alert('y', { annotations: { text: 'x'.repeat(50_000) } })]);
    await expect(incidents.report([big])).rejects.toThrow(NotDurable);
    await expect(acknowledge()).rejects.toThrow(IncidentsUnavailable);
    expect(performance.now() - begunAt).toBeLessThan(5_000);
    rmSync(join(disk, 'ballast'));
    expect(await incidents.report([big])).toEqual(['inc-b']);
    expect(await acknowledge()).toBe('pending');
    const { alerts, commands } = await spool.backlog();
    expect([alerts.map(({ workflowId }) => workflowId), commands.length]).toEqual([['inc-a', 'inc-b'], 1]);
  } finally {
    await incidents.close();
    await spool.close();
    await close();
    execFileSync('umount', [disk]);
  }
}, 60_000);
