/** Asking Grafana what fires: a real server that fails on what it does not expect. */
import { grafanaApi } from '../../providers/grafana-api.ts';
import { describeSourceApi } from './source-api.ts';

describeSourceApi('grafana', '/api/alertmanager/grafana/api/v2/alerts', grafanaApi);
