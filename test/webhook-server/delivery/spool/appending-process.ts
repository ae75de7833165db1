/** Run as a process of its own: appends for ever and prints each id once the spool has it. Argument: the directory. */
import { openSpool } from '../../../../webhook-server/delivery/spool/spool.ts';
import { alert, routed, silentLog } from '../../support/routed-alerts.ts';

const spool = await openSpool({ directory: process.argv[2] ?? '', log: silentLog() });
for (let group = 0; ; group += 1) {
  const ids = Array.from({ length: 20 }, (_, n) => `inc-${process.pid}-${group}-${n}`);
  await Promise.all(
    ids.map(async (id) => {
      await spool.append(routed(id, [alert(id)]));
      process.stdout.write(`${id}\n`);
    }),
  );
}
