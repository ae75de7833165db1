/** The smallest workflow that turns an alert into a page: takes the signal, runs one activity, ends. */
import { condition, defineSignal, proxyActivities, setHandler } from '@temporalio/workflow';
import type { FloorActivities } from './page.ts';

/** One alert, as it came. */
export interface FloorAlert {
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
}

export const alertsSignal = defineSignal<[readonly FloorAlert[]]>('alerts');

const { page } = proxyActivities<FloorActivities>({ taskQueue: 'floor-pages', startToCloseTimeout: '10s' });

export async function floorWorkflow({ key }: { readonly key: string }): Promise<void> {
  let alert: FloorAlert | undefined;
  setHandler(alertsSignal, ([first]) => {
    alert = first;
  });
  await condition(() => alert !== undefined);
  await page({ key, title: alert?.labels.alertname ?? '' });
}
