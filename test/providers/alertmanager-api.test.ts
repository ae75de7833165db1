/** Asking Alertmanager what fires: a real server that fails on what it does not expect. */
import { alertmanagerApi } from '../../providers/alertmanager-api.ts';
import { describeSourceApi } from './source-api.ts';

describeSourceApi('alertmanager', '/api/v2/alerts', alertmanagerApi);
