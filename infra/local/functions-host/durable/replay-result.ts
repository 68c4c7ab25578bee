/** Input and result of a replay. */
import { type HistoryEvent } from './history';

/** An action that is not in the history yet. */
export type NewAction =
  | { readonly kind: 'activity'; readonly id: number; readonly name: string; readonly input: string | null }
  | { readonly kind: 'timer'; readonly id: number; readonly fireAt: string }
  | {
      readonly kind: 'subOrchestration';
      readonly id: number;
      readonly name: string;
      readonly input: string | null;
      readonly instanceId: string;
      readonly version: string;
    };

export type Completion =
  | { readonly status: 'Completed' | 'Terminated'; readonly result: string | null }
  | { readonly status: 'Failed'; readonly result: string; readonly details: string }
  | {
      readonly status: 'ContinuedAsNew';
      readonly result: string | null;
      readonly carriedOver: readonly HistoryEvent[];
    };

export interface ReplayResult {
  readonly newActions: readonly NewAction[];
  readonly completion?: Completion;
  readonly isSuspended: boolean;
}

export interface ReplayOptions {
  readonly name: string;
  readonly executionId: string;
  readonly hasActivity: (name: string) => boolean;
  readonly hasOrchestrator: (name: string) => boolean;
  readonly timers: TimerLimits;
}

/** A timer beyond `maxMs` consists of several of `intervalMs`, as with the Azure Storage provider. */
export interface TimerLimits {
  readonly maxMs: number;
  readonly intervalMs: number;
}
