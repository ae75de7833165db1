/** Asking what fires in Alertmanager and Grafana: a real server that fails on what it does not expect. */
import { alertmanager, grafana } from '../../../providers/alertmanager/alertmanager.ts';
import { describeSourceApi } from '../source-api-contract.ts';

describe('Alertmanager', () => describeSourceApi('alertmanager', '/api/v2/alerts', alertmanager.connect().alertSource));

describe('Grafana', () =>
  describeSourceApi('grafana', '/api/alertmanager/grafana/api/v2/alerts', grafana.connect().alertSource));
