/** Events of an orchestration's history, named and numbered as the Durable Task Framework writes them. */

export const EventType = {
  ExecutionStarted: 0,
  ExecutionCompleted: 1,
  ExecutionTerminated: 3,
  TaskScheduled: 4,
  TaskCompleted: 5,
  TaskFailed: 6,
  SubOrchestrationInstanceCreated: 7,
  SubOrchestrationInstanceCompleted: 8,
  SubOrchestrationInstanceFailed: 9,
  TimerCreated: 10,
  TimerFired: 11,
  OrchestratorStarted: 12,
  OrchestratorCompleted: 13,
  EventRaised: 15,
  ExecutionSuspended: 19,
  ExecutionResumed: 20,
} as const;

type Type = typeof EventType;

interface Scheduled {
  /** The sequence number of the action in its orchestration, to which answers refer. */
  readonly EventId: number;
}
interface Failure {
  readonly TaskScheduledId: number;
  readonly Reason: string;
  readonly Details: string;
}

/** `Timestamp` and `FireAt` are RFC 3339; `Input` and `Result` are JSON text. */
export type HistoryEvent = { readonly Timestamp: string } & (
  | {
      readonly EventType: Type['ExecutionStarted'];
      readonly Name: string;
      readonly Version: string;
      readonly Input: string | null;
    }
  | {
      readonly EventType: Type['ExecutionCompleted'];
      readonly OrchestrationStatus: string;
      readonly Result: string | null;
    }
  | { readonly EventType: Type['ExecutionTerminated']; readonly Input: string }
  | (Scheduled & {
      readonly EventType: Type['TaskScheduled'];
      readonly Name: string;
      readonly Input: string | null;
    })
  | { readonly EventType: Type['TaskCompleted']; readonly TaskScheduledId: number; readonly Result: string }
  | (Failure & { readonly EventType: Type['TaskFailed'] })
  | (Scheduled & {
      readonly EventType: Type['SubOrchestrationInstanceCreated'];
      readonly Name: string;
      readonly InstanceId: string;
      readonly Input: string | null;
    })
  | {
      readonly EventType: Type['SubOrchestrationInstanceCompleted'];
      readonly TaskScheduledId: number;
      readonly Result: string;
    }
  | (Failure & { readonly EventType: Type['SubOrchestrationInstanceFailed'] })
  | (Scheduled & { readonly EventType: Type['TimerCreated']; readonly FireAt: string })
  | { readonly EventType: Type['TimerFired']; readonly TimerId: number; readonly FireAt: string }
  | { readonly EventType: Type['OrchestratorStarted'] }
  | { readonly EventType: Type['OrchestratorCompleted'] }
  | { readonly EventType: Type['EventRaised']; readonly Name: string; readonly Input: string | null }
  | { readonly EventType: Type['ExecutionSuspended']; readonly Reason: string }
  | { readonly EventType: Type['ExecutionResumed']; readonly Reason: string }
);

export type HistoryEventOf<Name extends keyof Type> = Extract<
  HistoryEvent,
  { readonly EventType: Type[Name] }
>;

export type RuntimeStatus = 'Pending' | 'Running' | 'Suspended' | 'Completed' | 'Failed' | 'Terminated';

export function isEnded(status: RuntimeStatus): boolean {
  return status === 'Completed' || status === 'Failed' || status === 'Terminated';
}
