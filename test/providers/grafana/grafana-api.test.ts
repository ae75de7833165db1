/** Asking Grafana what fires: a real server that fails on what it does not expect. */
import { grafanaApi } from '../../../providers/grafana/grafana-api.ts';
import { describeSourceApi } from '../source-api-contract.ts';

describeSourceApi('grafana', '/api/alertmanager/grafana/api/v2/alerts', grafanaApi);
