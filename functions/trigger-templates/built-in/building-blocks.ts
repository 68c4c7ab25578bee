/** Helpers to define the built-in templates. */
import type { Action, Condition, EventTypeId, Trigger } from '../../policies/engine';
import { type BuiltInTemplate, categoriesOf } from '../template';

/** Records the screen and notifies the recipients of the rule. */
export const RECORD: readonly Action[] = ['startScreenRecording', 'sendEmail'];
export const MAIL: readonly Action[] = ['sendEmail'];

/** A trigger, with its description. */
export const when = (
  eventType: EventTypeId,
  description: string,
  actions: readonly Action[],
  ...conditions: Condition[]
): Trigger => ({ eventType, conditions, description, actions: [...actions] });

type TextOperator = 'includes' | 'equals' | 'matches';
/** A condition on a text dimension. */
export const text = (dimension: string, operator: TextOperator, ...values: string[]): Condition => ({
  dimension,
  operator,
  values,
});
/** A condition that a number exceeds a limit, in the unit of the dimension. */
export const above = (dimension: string, limit: number): Condition => ({
  dimension,
  operator: 'greaterThan',
  values: [limit],
});

/** A template with its name and theme. */
export const template = (
  id: string,
  [name, theme]: [string, string],
  description: string,
  ...triggers: Trigger[]
): BuiltInTemplate => ({ id, name, description, theme, triggers, categories: categoriesOf(triggers) });

/** A pattern for URLs at some hosts (themselves patterns) or their subdomains; browsers may omit `https://`. */
export const hostsPattern = (hosts: string): string =>
  `^(?:https?://)?(?:[^/?#]+\\.)?(?:${hosts})(?:[:/?#]|$)`;

/** The start of a pattern for commands: some words (themselves patterns), in positions where a shell expects a command. */
export const commandPattern = (words: string): string => String.raw`(?:^|[\s"'&|;({])(?:${words})`;

/** The start of a pattern for commands: some programs, with or without a path, with or without `cmd /c`. */
export const programPattern = (names: string): string =>
  String.raw`(?:^"?|^"[^"]*\\|^[^\s"]*\\|\s/[ck]\s+"?|[&|;]\s*)(?:${names})(?:\.exe)?"?`;
