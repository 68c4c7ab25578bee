/** What the templates of the service are built of. */
import type { Action, Condition, EventTypeId, Trigger } from '../../policies/engine';
import { type BuiltInTemplate, categoriesOf } from '../template';

/** Records the screen and tells the recipients of the rule. */
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
/** One of some texts. */
export const text = (dimension: string, operator: TextOperator, ...values: string[]): Condition => ({
  dimension,
  operator,
  values,
});
/** More than a limit, in the unit of the dimension. */
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

/** A pattern for addresses at one of some hosts (themselves patterns) or below them; browsers may leave `https://` out. */
export const hostsPattern = (hosts: string): string =>
  `^(?:https?://)?(?:[^/?#]+\\.)?(?:${hosts})(?:[:/?#]|$)`;

/** The start of a pattern for commands: one of some words (themselves patterns), where a shell takes it for a command. */
export const commandPattern = (words: string): string => String.raw`(?:^|[\s"'&|;({])(?:${words})`;

/** The start of a pattern for commands: one of some programs, on its own or in a folder, with or without `cmd /c`. */
export const programPattern = (names: string): string =>
  String.raw`(?:^"?|^"[^"]*\\|^[^\s"]*\\|\s/[ck]\s+"?|[&|;]\s*)(?:${names})(?:\.exe)?"?`;
