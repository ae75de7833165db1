/** The table of commands, in the order that `tocsin --help` shows. A new command is a row here and a file beside. */
import type { CommandSpec } from '../command.ts';
import { impact, merge, movePolicy } from './impact-and-merge.ts';
import { audit } from './audit.ts';
import { configCheck, configReload, configSchema } from './config.ts';
import { declare } from './declare.ts';
import { exportRecord, postmortem } from './documents.ts';
import { close, falseAlarm, reopen, resolve } from './resolve-and-close.ts';
import { explain } from './explain.ts';
import { actionAdd, actionDone, actionList, postmortemDone } from './action-items.ts';
import { list } from './list.ts';
import { decide, mitigation } from './mitigation.ts';
import { query, runAction } from './query-and-run.ts';
import { maintenanceEnd, maintenanceExtend, maintenanceList, maintenanceStart } from './maintenance.ts';
import { oncall } from './oncall.ts';
import { pageTest } from './page-test.ts';
import { report } from './report.ts';
import { recordsRebuild, server, up, worker } from './processes.ts';
import { ack, assign, decline, escalate, severity, split } from './ack-and-escalate.ts';
import { show } from './show.ts';
import { tokenCreate, tokenList, tokenRevoke, tokenRotate } from './token.ts';
import { watch } from './watch.ts';
import { note, update } from './update-and-note.ts';

export const COMMANDS: readonly CommandSpec[] = [
  up,
  server,
  worker,
  declare,
  ack,
  decline,
  assign,
  severity,
  impact,
  update,
  note,
  decide,
  mitigation,
  runAction,
  query,
  resolve,
  reopen,
  falseAlarm,
  merge,
  split,
  escalate,
  close,
  movePolicy,
  actionAdd,
  actionDone,
  actionList,
  list,
  show,
  explain,
  watch,
  report,
  exportRecord,
  postmortem,
  postmortemDone,
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
