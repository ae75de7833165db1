/**
 * The sample organization: what runs when there is no configuration at all. The same as `tocsin.yaml` in the root of
 * the repository, which explains each line; a test holds them together.
 */

/** Stands for the token that the caller of `loadConfig` made; the environment's value of that name goes first. */
export const SAMPLE_TOKEN_NAME = 'TOCSIN_SOURCE_TOKEN';

export const SAMPLE_YAML = `
organization: { name: Sample organization, leadership: [eve] }
people:
  ana: { name: Ana Ruiz, contact: [terminal] }
  bo: { name: Bo Lind, contact: [terminal] }
  eve: { name: Eve Hahn, role: head-of-engineering, contact: [terminal] }
teams:
  default:
    onCall: ana
    escalation: [onCall, bo, eve]
sources:
  alertmanager: { token: "\${${SAMPLE_TOKEN_NAME}}" }
  grafana: { token: "\${${SAMPLE_TOKEN_NAME}}" }
  generic: { token: "\${${SAMPLE_TOKEN_NAME}}" }
routes:
  - team: default
`;
