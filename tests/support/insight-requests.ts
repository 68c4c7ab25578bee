/** Requests about what is computed of a recording, and about saved searches for commands. */
import { randomUUID } from 'node:crypto';
import type { CustomerRequest, Make, TestCustomer } from './test-customer';

/** A body for a new saved search, with a name of its own. */
export function newCommandSearch(): object {
  return { name: `Accounts ${randomUUID()}`, terms: ['net user'] };
}

async function commandSearch({ administrator }: TestCustomer): Promise<CustomerRequest> {
  const { body, headers } = await administrator<{ id: string }>('POST', '/api/v1/commandSearches', {
    body: newCommandSearch(),
  });
  return { params: { id: body.id }, headers: { 'if-match': headers.get('etag') ?? '' } };
}

/** By operation id. @param recording a request that names a recording */
export function insightRequests(recording: Make): Record<string, Make> {
  return {
    getScreenTime: recording,
    getFileTransfers: recording,
    listCommands: recording,
    getEventStatistics: recording,
    getPointsOfInterest: recording,
    getRecordingSummary: recording,
    getCommandSearch: async (customer) => ({ params: (await commandSearch(customer)).params }),
    deleteCommandSearch: commandSearch,
  };
}
