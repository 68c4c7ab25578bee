/** The result of an orchestrator function: the full list of its actions since the start, and whether it is done. */
import { type InvocationResult } from '../invoker';

/** Numbers of `ActionType` in durable-functions. */
export const ActionType = {
  CallActivity: 0,
  CallActivityWithRetry: 1,
  CallSubOrchestrator: 2,
  CallSubOrchestratorWithRetry: 3,
  ContinueAsNew: 4,
  CreateTimer: 5,
  WaitForExternalEvent: 6,
  CallEntity: 7,
  CallHttp: 8,
  SignalEntity: 9,
  WhenAny: 11,
  WhenAll: 12,
  LockEntities: 13,
  ReleaseEntities: 14,
} as const;

type Type = typeof ActionType;

export interface RetryOptions {
  readonly firstRetryIntervalInMilliseconds: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient?: number;
  readonly maxRetryIntervalInMilliseconds?: number;
  readonly retryTimeoutInMilliseconds?: number;
}

interface Call {
  readonly functionName: string;
  readonly input?: unknown;
}
/** A call of a sub-orchestration. */
export interface SubCall extends Call {
  readonly instanceId?: string | null;
  readonly version?: string | null;
}

/** The actions that this host supports. */
export type Action =
  | ({ readonly actionType: Type['CallActivity'] } & Call)
  | ({ readonly actionType: Type['CallActivityWithRetry']; readonly retryOptions: RetryOptions } & Call)
  | ({ readonly actionType: Type['CallSubOrchestrator'] } & SubCall)
  | ({
      readonly actionType: Type['CallSubOrchestratorWithRetry'];
      readonly retryOptions: RetryOptions;
    } & SubCall)
  | { readonly actionType: Type['ContinueAsNew']; readonly input?: unknown }
  | { readonly actionType: Type['CreateTimer']; readonly fireAt: string; readonly isCanceled: boolean }
  | { readonly actionType: Type['WaitForExternalEvent']; readonly externalEventName: string }
  | { readonly actionType: Type['WhenAny'] | Type['WhenAll']; readonly compoundActions: readonly Action[] };

export interface OrchestratorOutcome {
  readonly actions: readonly Action[];
  readonly isDone: boolean;
  readonly output: unknown;
  readonly customStatus: unknown;
  /** What the orchestrator threw. */
  readonly error?: string;
  readonly stackTrace: string;
}

/** A failing orchestrator sends its state in the message of the exception, after this marker. */
const OUT_OF_PROCESS_DATA = '\n\n$OutOfProcData$:';

/** The replay schema that this host asks for: V3, one list of actions with long timers made by the SDK. */
export const REPLAY_SCHEMA_V3 = 2;

interface OrchestratorState {
  readonly isDone: boolean;
  readonly actions: readonly (readonly Action[])[];
  readonly output?: unknown;
  readonly error?: string;
  readonly customStatus?: unknown;
  readonly schemaVersion: number;
}

/** Reads an orchestrator's answer. Throws when it is in another replay schema. */
export function readOutcome(result: InvocationResult): OrchestratorOutcome {
  if (result.ok) return toOutcome(result.returnValue?.json ?? result.returnValue?.string ?? '', '');
  const { message, stackTrace } = result.exception;
  const [, state] = message.split(OUT_OF_PROCESS_DATA);
  if (state !== undefined) return toOutcome(state, stackTrace);
  return failedOutcome(message, stackTrace);
}

/** The outcome of an orchestrator that failed without any action. */
export function failedOutcome(error: string, stackTrace = ''): OrchestratorOutcome {
  return { actions: [], isDone: false, output: undefined, customStatus: undefined, error, stackTrace };
}

function toOutcome(json: string, stackTrace: string): OrchestratorOutcome {
  const { actions, schemaVersion, isDone, output, error, customStatus } = JSON.parse(
    json,
  ) as OrchestratorState;
  if (schemaVersion !== REPLAY_SCHEMA_V3 || actions.length !== 1) {
    throw new Error(`The orchestrator answered in replay schema ${schemaVersion}, which is not implemented`);
  }
  return { actions: actions[0] ?? [], isDone, output, customStatus, error, stackTrace };
}

export function nameOfAction(type: number): string {
  return Object.entries(ActionType).find(([, number]) => number === type)?.[0] ?? String(type);
}
