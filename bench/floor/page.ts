/** The floor's one activity: posts to the sink over kept-alive connections, as a webhook contact does. */
import http from 'node:http';
import axios from 'axios';

export type FloorActivities = ReturnType<typeof createFloorActivities>;

export function createFloorActivities(sink: string) {
  const client = axios.create({ httpAgent: new http.Agent({ keepAlive: true }), timeout: 10_000, proxy: false });
  return {
    page: async (page: { readonly key: string; readonly title: string }): Promise<void> => {
      await client.post(sink, page, { headers: { 'idempotency-key': page.key } });
    },
  };
}
