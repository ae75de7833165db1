/** The table of commands, in the order that `tocsin --help` shows. A new command is a row here and a file beside. */
import type { CommandSpec } from '../command.ts';
import { impact, merge, movePolicy } from './assessing.ts';
import { audit } from './audit.ts';
import { configCheck, configReload, configSchema } from './config.ts';
import { declare } from './declare.ts';
import { exporting, postmortem } from './documents.ts';
import { close, falseAlarm, reopen, resolve } from './ending.ts';
import { explain } from './explain.ts';
import { actionAdd, actionDone, actionList, postmortemDone } from './items.ts';
import { list } from './list.ts';
import { decide, mitigation } from './mitigating.ts';
import { query, runAction } from './named.ts';
import { maintenanceEnd, maintenanceExtend, maintenanceList, maintenanceStart } from './maintenance.ts';
import { oncall } from './oncall.ts';
import { pageTest } from './page-test.ts';
import { report } from './report.ts';
import { recordsRebuild, server, up, worker } from './run.ts';
import { ack, assign, decline, escalate, severity, split } from './responding.ts';
import { show } from './show.ts';
import { tokenCreate, tokenList, tokenRevoke, tokenRotate } from './token.ts';
import { watch } from './watch.ts';
import { note, update } from './writing.ts';

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
  exporting,
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
