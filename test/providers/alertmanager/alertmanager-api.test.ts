/** Asking Alertmanager what fires: a real server that fails on what it does not expect. */
import { alertmanagerApi } from '../../../providers/alertmanager/alertmanager-api.ts';
import { describeSourceApi } from '../source-api-contract.ts';

describeSourceApi('alertmanager', '/api/v2/alerts', alertmanagerApi);
