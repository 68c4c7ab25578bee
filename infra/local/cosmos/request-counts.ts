/** How many requests came for the partitions of each customer: `GET /local/requests` on the gateway's own port. */
import { type GatewayRequest, type GatewayResponse, json } from './message';

const PATH = '/local/requests';
/** By the first key value; requests without a partition, such as sweeps and plans of queries, have none. */
const NO_PARTITION = '';

export class RequestCounts {
  private readonly counts = new Map<string, number>();

  /** The counts, when the request asks for them; else it is counted. */
  answer(request: GatewayRequest): GatewayResponse | undefined {
    if (request.path === PATH) return json(200, Object.fromEntries(this.counts));
    const key = request.headers['x-ms-documentdb-partitionkey'];
    const first: unknown = key === undefined ? undefined : (JSON.parse(key) as unknown[])[0];
    const name = typeof first === 'string' ? first : NO_PARTITION;
    this.counts.set(name, (this.counts.get(name) ?? 0) + 1);
    return undefined;
  }
}
