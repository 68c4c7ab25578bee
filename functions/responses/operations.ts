/** The HTTP operation of the log of decisions (RSP-8). */
import { z } from 'zod';
import { withTimeRange } from '../../shared/http/fields';
import { type Operation, operation } from '../../shared/http/operation';
import { pageOf, pageQuery, readPage } from '../../shared/http/paging';
import { findSite } from '../sites';
import { ACTIONS } from '../policies/engine';
import { ACTION_STATES, type ActionState, type EventResponse } from './event-response';
import { positionOf } from '../../shared/cosmos/time-order';
import { listResponses } from './list-responses';
import { REASON_CODES } from './reason';

const responseView = z
  .object({
    eventId: z.string(),
    eventType: z.string(),
    eventTime: z.string(),
    sessionId: z.string(),
    serverId: z.string(),
    decidedAt: z.iso.datetime(),
    policyId: z.string(),
    policyVersion: z.int(),
    ruleId: z.string(),
    ruleName: z.string(),
    triggers: z.array(
      z.object({
        position: z.int().describe('Within the rule, from 0'),
        description: z.string(),
        actions: z.array(z.enum(ACTIONS)),
      }),
    ),
    actions: z.array(
      z.object({
        kind: z.enum(ACTIONS),
        state: z
          .enum(ACTION_STATES)
          .describe(
            '`claimed`: it is being executed; `sent`: the recording server has not reported its result yet',
          ),
        attempts: z.int(),
        reason: z.string().optional().describe('Why it was skipped, failed, or is tried again'),
        reasonCode: z.enum(REASON_CODES).optional().describe('The same for programs'),
        sentAt: z.iso.datetime().optional().describe('When its command was queued for the recording server'),
        finishedAt: z.iso.datetime().optional(),
        commandId: z.string().optional(),
      }),
    ),
  })
  .meta({ id: 'EventResponse', description: 'What was done about one event, and why' });

/** What callers ask for, and the states that it means. */
const STATES = {
  open: ['pending', 'claimed', 'sent'],
  done: ['done'],
  skipped: ['skipped'],
  failed: ['failed'],
  failedOrSkipped: ['failed', 'skipped'],
} as const satisfies Record<string, readonly ActionState[]>;

const filters = {
  ...pageQuery,
  sessionId: z.string().toLowerCase().optional().describe('Responses to events of this session'),
  ruleId: z.string().toLowerCase().optional().describe('Responses of this rule'),
  action: z.enum(ACTIONS).optional().describe('Responses with this action; with `state`, in that state'),
  state: z
    .enum(['open', 'done', 'skipped', 'failed', 'failedOrSkipped'])
    .optional()
    .describe('Responses with an action in this state; `open`: it is not finished'),
};

const responseQuery = withTimeRange(filters, {
  from: 'Decided at or after this time',
  to: 'Decided before this time',
});

const listSiteResponses = operation({
  id: 'listResponses',
  method: 'GET',
  path: '/api/v1/sites/{siteId}/responses',
  tag: 'Policies',
  summary: 'List what was done in response to events',
  description:
    'Newest first, of the last 90 days: the policy version, and for each action its state and why it was ' +
    'skipped or failed. `?action=sendEmail&state=failedOrSkipped` lists the alerts that were not sent.',
  access: 'policies.manage',
  query: responseQuery,
  success: { status: 200, description: 'A page of responses', body: pageOf(responseView) },
  load: ({ params, caller, services }) => findSite(services, caller.customerId, params.siteId),
  async handle({ resource, query, caller, services }) {
    const { top: _top, cursor: _cursor, state, ...given } = query;
    const filter = { ...given, states: state && STATES[state] };
    const body = await readPage({
      services,
      caller,
      path: `/api/v1/sites/${resource.id}/responses`,
      query,
      read: (limit, after) =>
        listResponses(services, caller.customerId, resource.id, filter, { limit, after }),
      keyOf: positionOf,
      toItem,
    });
    return { body };
  },
});

function toItem({ id, at, triggers, ...response }: EventResponse): z.input<typeof responseView> {
  return {
    ...response,
    eventId: id,
    decidedAt: at,
    triggers: triggers.map((trigger) => ({ ...trigger, actions: [...trigger.actions] })),
  };
}

export const responseOperations: readonly Operation[] = [listSiteResponses];
