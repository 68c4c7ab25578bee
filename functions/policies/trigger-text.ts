/** Descriptions of triggers and their conditions, for histories and simulations. Pure. */
import {
  type Action,
  type Condition,
  type Dimension,
  dimensionOf,
  eventType,
  type EventType,
  type EventTypeId,
  type Trigger,
} from './engine';

/** Longer descriptions are truncated. */
const MAX_VALUES = 3;
const MAX_VALUE_CHARACTERS = 80;

const OPERATORS: Record<Condition['operator'], string> = {
  includes: 'includes',
  equals: 'equals',
  matches: 'matches',
  greaterThan: 'is greater than',
  smallerThan: 'is smaller than',
  between: 'is between',
};

const ACTION_TEXTS: Record<Action, string> = {
  startScreenRecording: 'start screen recording',
  sendEmail: 'send e-mail',
  lockSession: 'lock the session',
  disconnectSession: 'disconnect the session',
  logOffSession: 'log off the session',
};

/** Such as `App Start where App name equals "cmd.exe": send e-mail, lock the session ("A shell")`. */
export function triggerText({ eventType: id, conditions, actions, description }: Trigger): string {
  const type = eventType(id);
  const dimensions = [...new Set(conditions.map(({ dimension }) => dimension))];
  const where = dimensions.map((dimension) => conditionsText(type, conditions, dimension)).join(' and ');
  const actionList = actions.map(actionText).join(', ') || 'do nothing';
  const suffix = description === '' ? '' : ` (${quoted(description)})`;
  return `${type.name}${where === '' ? '' : ` where ${where}`}: ${actionList}${suffix}`;
}

/** The conditions on one dimension, such as `App name includes "cmd" or equals "sh"`. */
export function conditionsText(type: EventType, conditions: readonly Condition[], dimension: string): string {
  const found = dimensionOf(type, dimension);
  const ofDimension = conditions.filter((condition) => condition.dimension === dimension);
  const texts = ofDimension.map(
    (condition) => `${OPERATORS[condition.operator]} ${valuesText(condition, found)}`,
  );
  return `${found?.name ?? dimension} ${texts.join(' or ')}`;
}

/** The description of an action. */
export const actionText = (action: Action): string => ACTION_TEXTS[action];

/** The name of an event type in the product's table. */
export const typeName = (id: EventTypeId): string => eventType(id).name;

/** A text in quotes, truncated if it is long. */
export function quoted(text: string): string {
  const characters = [...text];
  return characters.length <= MAX_VALUE_CHARACTERS
    ? `"${text}"`
    : `"${characters.slice(0, MAX_VALUE_CHARACTERS).join('')}…"`;
}

/** A list of the first texts, and how many more there are. */
export function listed(texts: readonly string[], separator = ', ', most = MAX_VALUES): string {
  const rest = texts.length - most;
  const shown = texts.slice(0, most).join(separator);
  return rest > 0 ? `${shown}${separator}${rest} more` : shown;
}

function valuesText(condition: Condition, dimension: Dimension | undefined): string {
  const unit = dimension?.kind === 'number' ? ` ${dimension.unit}` : '';
  if (condition.operator === 'between') return `${condition.from} and ${condition.to}${unit}`;
  return listed(
    condition.values.map((value) => (typeof value === 'number' ? `${value}${unit}` : quoted(value))),
    ' or ',
  );
}
