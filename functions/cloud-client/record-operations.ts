/** Operations with which a server delivers what it measured, and what its local administrators did. */
import { z } from 'zod';
import { resourceId } from '../../shared/http/fields';
import { type Operation, operation } from '../../shared/http/operation';
import { notFound } from '../../shared/problem';
import {
  findOwnServer,
  localChangesSchema,
  logLocalChanges,
  samplesSchema,
  storeServerSamples,
} from '../servers';
import { storeSessionSamples } from '../sessions';
import { findOwnSession } from './own-resources';
import { BASE_PATH, TAG } from './paths';

const MAX_BODY_BYTES = 1_048_576;

const sampleBatch = z
  .strictObject({
    batchId: resourceId.describe('Assigned when the batch is created; a repeated batch has the same id'),
    serverId: resourceId,
    sessionId: resourceId.optional().describe('Absent: the samples are of the server itself'),
    samples: samplesSchema,
  })
  .meta({ id: 'PerformanceBatch' });

const postSamples = operation({
  id: 'sendPerformanceSamples',
  method: 'POST',
  path: `${BASE_PATH}/performance`,
  tag: TAG,
  summary: 'Deliver performance samples of a server, or of one session',
  description:
    'At most 1,000 samples and 1 MiB, uncompressed. A batch sent again counts once. Samples of a session are kept as long ' +
    'as its recordings, those of a server for 90 days. Send those of a session only where its decision says ' +
    '`logPerformanceData`.',
  access: 'cloud-client',
  body: sampleBatch,
  bodyFormat: { gzip: true, maxBytes: MAX_BODY_BYTES },
  success: { status: 204, description: 'The batch is stored' },
  problems: ['not-found'],
  async handle({ body: { serverId, ...batch }, caller, services }) {
    const { customerId } = caller;
    if (batch.sessionId === undefined) {
      if (!(await findOwnServer(services, caller, serverId))) throw notFound('server');
      await storeServerSamples(services, { customerId, serverId }, batch);
    } else {
      const session = await findOwnSession(services, caller, batch.sessionId);
      if (session?.serverId !== serverId) throw notFound('session');
      await storeSessionSamples(services, session, batch);
    }
    return { body: undefined };
  },
});

const localChanges = z.strictObject({ records: localChangesSchema }).meta({ id: 'LocalChanges' });

const postLog = operation({
  id: 'sendLocalChanges',
  method: 'POST',
  path: `${BASE_PATH}/servers/{serverId}/logs`,
  tag: TAG,
  summary: 'Deliver what local administrators changed on a server',
  description:
    'At most 500 records and 1 MiB. They become entries of the administrator log. A record sent again counts once; one that ' +
    'is more than 366 days old is refused.',
  access: 'cloud-client',
  body: localChanges,
  bodyFormat: { gzip: true, maxBytes: MAX_BODY_BYTES },
  success: { status: 204, description: 'The records are in the log' },
  load: ({ params, caller, services }) => findOwnServer(services, caller, params.serverId),
  async handle({ resource, body: { records }, caller, services, traceId }) {
    await logLocalChanges(services, caller.customerId, resource, { records, traceId });
    return { body: undefined };
  },
});

export const recordOperations: readonly Operation[] = [postSamples, postLog];
