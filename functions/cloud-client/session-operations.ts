/** Operations with which a server reports its sessions. */
import { z } from 'zod';
import { instant, resourceId } from '../../shared/http/fields';
import { type Operation, operation } from '../../shared/http/operation';
import { notFound } from '../../shared/problem';
import { wellFormed } from '../../shared/pure/text-fields';
import { sessionDecisionSchema } from '../policies';
import { sessionFactsSchema } from '../policies/engine';
import { findOwnServer } from '../servers';
import { endSession, rollOver, startSession } from '../sessions';
import { findOwnSession, requireSite } from './own-resources';
import { BASE_PATH, TAG } from './paths';

const serverTime = instant.describe("By the server's clock");

const sessionStart = z
  .strictObject({
    serverId: resourceId,
    sessionKey: z
      .string()
      .min(1)
      .max(256)
      .refine(...wellFormed)
      .describe("The server's own key of the session, the same in a repeated start"),
    startedAt: serverTime,
    facts: sessionFactsSchema,
    clientName: z.string().max(256).optional().describe("Device name of the user's Workspace app"),
  })
  .meta({ id: 'SessionStart' });

const startedSession = z
  .object({
    sessionId: z.uuid(),
    startedAt: z.iso.datetime().describe('Corrected by the clock skew'),
    decision: sessionDecisionSchema,
  })
  .meta({ id: 'StartedSession' });

const start = operation({
  id: 'startSession',
  method: 'POST',
  path: `${BASE_PATH}/sessions`,
  tag: TAG,
  summary: 'Start a session and get its recording decision',
  description:
    'The decision is made once: a repeated start returns the same session and decision, even when the policies ' +
    'have changed.',
  access: 'cloud-client',
  body: sessionStart,
  success: { status: 200, description: 'The session and the decision', body: startedSession },
  problems: ['not-found', 'server-without-site'],
  async handle({ body: { serverId, ...body }, caller, services }) {
    services.rateLimits.countServer(caller, serverId, services.clock.now());
    const server = await findOwnServer(services, caller, serverId);
    if (!server) throw notFound('server');
    await requireSite(services, caller.customerId, serverId);
    const { id, startedAt, decision } = await startSession(services, caller.customerId, server, body);
    return { body: { sessionId: id, startedAt, decision } };
  },
});

const rollOverInput = z
  .strictObject({ part: z.int().min(2).max(9_999).describe('The part of the recording that starts now') })
  .meta({ id: 'RollOver' });

const rolledOver = z
  .object({
    decision: sessionDecisionSchema,
    outcome: z
      .enum(['notRecorded', 'stops', 'continues'])
      .describe('A session that is not recorded remains unrecorded until the next logon'),
    showNotification: z.boolean().describe('Whether to notify the user now'),
  })
  .meta({ id: 'RolledOverSession' });

const rollOverOperation = operation({
  id: 'rollOverSession',
  method: 'POST',
  path: `${BASE_PATH}/sessions/{sessionId}/rollover`,
  tag: TAG,
  summary: 'Roll a recording over and get the new decision',
  description: 'The currently active policies apply. Repeating the same part returns the same decision.',
  access: 'cloud-client',
  body: rollOverInput,
  success: { status: 200, description: 'The decision from now on', body: rolledOver },
  problems: ['session-ended', 'conflict', 'server-without-site'],
  load: ({ params, caller, services }) => findOwnSession(services, caller, params.sessionId),
  async handle({ resource, body, services }) {
    const { decision, rollOver: outcome } = await rollOver(services, resource, body.part);
    return {
      body: {
        decision,
        outcome: outcome?.outcome ?? 'continues',
        showNotification: outcome?.showNotification ?? false,
      },
    };
  },
});

const sessionEnd = z.strictObject({ endedAt: serverTime }).meta({ id: 'SessionEnd' });

const endedSession = z
  .object({
    sessionId: z.uuid(),
    endedAt: z.iso.datetime().optional().describe('Corrected by the clock skew'),
  })
  .meta({ id: 'EndedSession' });

const end = operation({
  id: 'endSession',
  method: 'POST',
  path: `${BASE_PATH}/sessions/{sessionId}/end`,
  tag: TAG,
  summary: 'End a session',
  description: 'Spooled data may still be sent. Ending it again returns the first end.',
  access: 'cloud-client',
  body: sessionEnd,
  success: { status: 200, description: 'The session has ended', body: endedSession },
  problems: ['server-without-site'],
  load: ({ params, caller, services }) => findOwnSession(services, caller, params.sessionId),
  async handle({ resource, body, services }) {
    const { id, endedAt } = await endSession(services, resource, body.endedAt);
    return { body: { sessionId: id, endedAt } };
  },
});

export const sessionOperations: readonly Operation[] = [start, rollOverOperation, end];
