/** HTTP operations of policies and event types. */
import { z } from 'zod';
import { type Operation, operation } from '../../shared/http/operation';
import { ACTIONS, EVENT_CATEGORIES, EVENT_TYPES } from './engine';
import { operationsOfKind } from './policy-operations';
import { simulationOperations } from './simulation/operations';

const dimensionView = z.object({
  id: z.string(),
  name: z.string(),
  kind: z.enum(['text', 'drive', 'choice', 'number']),
  operators: z.array(z.string()),
  choices: z.array(z.string()).optional(),
  field: z.string().describe("The field of the event's `data` that has the value"),
  unit: z.string().optional().describe('The unit of limits'),
  unitsPerLimit: z
    .number()
    .optional()
    .describe("A limit multiplied by this is in the unit of the event's field"),
  maximum: z.number().optional(),
});

const eventTypeView = z
  .object({
    id: z.string(),
    name: z.string(),
    label: z.string(),
    category: z.enum(EVENT_CATEGORIES),
    detectable: z.boolean().describe('Whether an event detection policy can log it'),
    dimensions: z.array(dimensionView).describe('The fields that triggers can test'),
    actions: z.array(z.enum(ACTIONS)).describe('The actions that triggers can take'),
  })
  .meta({ id: 'EventType' });

const listEventTypes = operation({
  id: 'listEventTypes',
  method: 'GET',
  path: '/api/v1/eventTypes',
  tag: 'Policies',
  summary: 'List event types with their dimensions',
  access: 'event-types.read',
  success: {
    status: 200,
    description: 'All event types, in the order of the documentation',
    body: z.object({ value: z.array(eventTypeView) }),
  },
  handle: async () => ({
    body: {
      value: EVENT_TYPES.map((type) => ({
        ...type,
        actions: [...type.actions],
        dimensions: type.dimensions.map((dimension) => ({
          ...dimension,
          operators: [...dimension.operators],
          choices: dimension.kind === 'choice' ? [...dimension.choices] : undefined,
        })),
      })),
    },
  }),
});

export const policyOperations: readonly Operation[] = [
  ...operationsOfKind('recording'),
  ...operationsOfKind('eventDetection'),
  ...operationsOfKind('eventResponse'),
  ...simulationOperations,
  listEventTypes,
];
