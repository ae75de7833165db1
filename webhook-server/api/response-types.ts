/** Answers of the API whose shapes clients may name. Types only. */
export type { MetricGroup, MetricRow, Metrics, MetricValues } from '../../records/open-records.ts';
