/** Triggers of event response rules: an event type, conditions on its dimensions, and actions. */
import { z } from 'zod';
import {
  type Action,
  ACTIONS,
  type Dimension,
  dimensionOf,
  EVENT_TYPE_IDS,
  eventType,
  type EventTypeId,
} from './event-types';
import { isDrive } from '../text/drive-letter';
import { problemOfPattern } from './pattern-limits';
import { lines, MAX_DESCRIPTION_CHARACTERS, wellFormed } from '../../../../shared/pure/text-fields';

const MAX_VALUES = 10_000;
const MAX_CONDITIONS = 100;
const MAX_TEXT_UNITS = 32_767;

const text = z
  .string()
  .min(1)
  .max(MAX_TEXT_UNITS)
  .refine(...wellFormed);
const limit = z.number().nonnegative();
const dimension = z.string().max(100).meta({ description: 'Id of a dimension of the event type' });

const conditionSchema = z
  .discriminatedUnion('operator', [
    z.strictObject({
      dimension,
      operator: z.enum(['includes', 'equals', 'matches']),
      values: z.array(text).min(1).max(MAX_VALUES),
    }),
    z.strictObject({
      dimension,
      operator: z.enum(['greaterThan', 'smallerThan']),
      values: z.array(limit).min(1).max(MAX_VALUES),
    }),
    z.strictObject({ dimension, operator: z.literal('between'), from: limit, to: limit }),
  ])
  .meta({
    id: 'TriggerCondition',
    examples: [{ dimension: 'appName', operator: 'equals', values: ['cmd.exe'] }],
    description:
      'Text: includes, equals, matches (an unanchored regular expression that runs in linear time: no ' +
      'back-references, no look-around), all ignoring case in all of Unicode. In a pattern, \\w, \\d, \\s and \\b know ' +
      'letters, digits and blanks of ASCII only: use \\p{L}, \\p{Nd} and \\p{Z} for those of all scripts. ' +
      'Numbers, in the unit of the dimension: greaterThan and smallerThan exclude the limit, between includes both limits. The condition is satisfied if any value is.',
  });

/** A condition on one dimension of an event; satisfied if it is for any of the values. */
export type Condition = Readonly<z.infer<typeof conditionSchema>>;

const triggerObject = z.strictObject({
  eventType: z.enum(EVENT_TYPE_IDS),
  conditions: z.array(conditionSchema).max(MAX_CONDITIONS).default([]),
  description: lines(MAX_DESCRIPTION_CHARACTERS).default(''),
  actions: z.array(z.enum(ACTIONS)).max(100).default([]),
});

/** The input of the check of dimensions and operators, which runs even if the values are invalid. */
const outlineSchema = z.object({
  eventType: z.enum(EVENT_TYPE_IDS),
  conditions: z.array(z.object({ dimension: z.string(), operator: z.string() })),
});

export const triggerSchema = triggerObject
  .superRefine(checkDimensions, { when: ({ value }) => outlineSchema.safeParse(value).success })
  .superRefine((trigger, context) => {
    checkActions(trigger.eventType, trigger.actions, context);
    for (const [index, condition] of trigger.conditions.entries()) {
      const found = dimensionOf(eventType(trigger.eventType), condition.dimension);
      if (found) checkValues(condition, found, ['conditions', index], context);
    }
  })
  .overwrite((trigger) => ({ ...trigger, actions: inOrder(trigger.actions) }))
  .meta({
    id: 'EventTrigger',
    examples: [
      {
        eventType: 'appStart',
        conditions: [{ dimension: 'appName', operator: 'equals', values: ['cmd.exe'] }],
        description: 'A shell',
        actions: ['startScreenRecording', 'lockSession'],
      },
    ],
    description:
      'Matches an event of the type if for every dimension with conditions one of them is satisfied; without ' +
      'conditions, every event of the type',
  });

/** An event type, conditions on its events (AND between dimensions, OR within one), and the actions to take. */
export type Trigger = Readonly<z.infer<typeof triggerSchema>>;

/** The actions without duplicates, in the order of execution. */
function inOrder(actions: readonly Action[]): Action[] {
  return ACTIONS.filter((action) => actions.includes(action));
}

type Context = z.core.$RefinementCtx;

function checkDimensions(trigger: z.infer<typeof outlineSchema>, context: Context): void {
  const type = eventType(trigger.eventType);
  for (const [index, condition] of trigger.conditions.entries()) {
    const found = dimensionOf(type, condition.dimension);
    if (!found) {
      const ids = type.dimensions.map(({ id }) => id).join(', ');
      const remedy = ids === '' ? 'omit the condition' : `choose one of ${ids}`;
      const message = `${type.name} has no dimension ${JSON.stringify(condition.dimension)}: ${remedy}`;
      context.addIssue({ code: 'custom', path: ['conditions', index, 'dimension'], message });
    } else if (!(found.operators as readonly string[]).includes(condition.operator)) {
      const message = `${found.name} of ${type.name} supports only ${found.operators.join(', ')}`;
      context.addIssue({ code: 'custom', path: ['conditions', index, 'operator'], message });
    }
  }
}

function checkActions(type: EventTypeId, actions: readonly Action[], context: Context): void {
  const { actions: allowed, name } = eventType(type);
  for (const [index, action] of actions.entries()) {
    if (!allowed.includes(action)) {
      const message = `${name} supports only ${allowed.join(', ')}`;
      context.addIssue({ code: 'custom', path: ['actions', index], message });
    }
  }
}

function checkValues(condition: Condition, found: Dimension, path: PropertyKey[], context: Context): void {
  if (condition.operator === 'between') {
    if (condition.from > condition.to) {
      context.addIssue({ code: 'custom', path: [...path, 'to'], message: '`to` is smaller than `from`' });
    }
    return;
  }
  for (const [index, value] of condition.values.entries()) {
    const message = problemOfValue(condition.operator, value, found);
    if (message) context.addIssue({ code: 'custom', path: [...path, 'values', index], message });
  }
}

/** Why a value is invalid for a dimension, or undefined when it is valid. */
function problemOfValue(operator: Condition['operator'], value: string | number, found: Dimension) {
  if (typeof value === 'number') return undefined;
  if (found.kind === 'drive' && !isDrive(value)) return 'Specify a drive by its letter, such as D or D:';
  if (found.kind === 'choice' && !found.choices.includes(value.toLowerCase())) {
    return `Must be one of ${found.choices.join(', ')}`;
  }
  return operator === 'matches' ? problemOfPattern(value) : undefined;
}
