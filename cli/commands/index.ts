/** The table of commands, in the order that `tocsin --help` shows. A command of the runbook comes from
 * domain/kernel/commands.ts; any other is a row here and a file next to it. */
import { COMMAND_TYPES, type CommandType } from '../../domain/kernel/commands.ts';
import type { CommandSpec } from '../command.ts';
import { audit } from './audit.ts';
import { configCheck, configReload, configSchema } from './config.ts';
import { declare } from './declare.ts';
import { exportRecord, postmortem } from './documents.ts';
import { explain } from './explain.ts';
import { list } from './list.ts';
import { query, runAction } from './query-and-run.ts';
import { maintenanceEnd, maintenanceExtend, maintenanceList, maintenanceStart } from './maintenance.ts';
import { oncall, pageTest } from './on-call.ts';
import { report } from './report.ts';
import { recordsRebuild, server, up, worker } from './processes.ts';
import { ack } from './ack.ts';
import { plainCommand } from './plain-command.ts';
import { actionList, show } from './show.ts';
import { tokenCreate, tokenList, tokenRevoke, tokenRotate } from './token.ts';
import { watch } from './watch.ts';
import { update } from './update.ts';

/** Commands of the runbook that do more than to send what they are given. */
const EXTENDED: Partial<Record<CommandType, CommandSpec>> = { acknowledge: ack, postUpdate: update, runAction };

export const COMMANDS: readonly CommandSpec[] = [
  up,
  server,
  worker,
  declare,
  ...COMMAND_TYPES.map((type) => EXTENDED[type] ?? plainCommand(type)),
  actionList,
  query,
  list,
  show,
  explain,
  watch,
  report,
  exportRecord,
  postmortem,
  oncall,
  maintenanceStart,
  maintenanceList,
  maintenanceEnd,
  maintenanceExtend,
  pageTest,
  tokenCreate,
  tokenRotate,
  tokenRevoke,
  tokenList,
  audit,
  configCheck,
  configSchema,
  configReload,
  recordsRebuild,
];
