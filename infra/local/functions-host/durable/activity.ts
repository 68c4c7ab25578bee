/** Activities: their input and result between the JSON of the history and the data of the worker. */
import { type InvocationResult, type TriggerCall } from '../invoker';
import { type RpcException, type TypedData } from '../worker/rpc';
import { EventType, type HistoryEvent } from './history';
import { type ActivityWork } from './store';

/** An activity gets text: that of a string, the JSON of an object, what .NET prints for a number or boolean. */
export function activityCall({ instanceId, name, input }: ActivityWork): TriggerCall {
  return {
    data: toTypedData(input),
    metadata: { instanceId: { string: instanceId }, data: { json: input ?? 'null' } },
    reason: `(null) ${name}`,
  };
}

/** The event by which an orchestration learns how its activity ended. */
export function activityEvent(work: ActivityWork, result: InvocationResult): HistoryEvent {
  const answer = { Timestamp: new Date().toISOString(), TaskScheduledId: work.taskId };
  if (result.ok) return { ...answer, EventType: EventType.TaskCompleted, Result: toJson(result.returnValue) };
  const reason = `Activity function '${work.name}' failed: ${result.exception.message}`;
  return {
    ...answer,
    EventType: EventType.TaskFailed,
    Reason: reason,
    Details: serializeCause(result.exception),
  };
}

function toTypedData(input: string | null): TypedData {
  const value: unknown = JSON.parse(input ?? 'null');
  if (value === null) return {};
  if (typeof value === 'string') return { string: value };
  if (typeof value === 'boolean') return { string: value ? 'True' : 'False' };
  return { string: input ?? '' };
}

function toJson(value: TypedData | null | undefined): string {
  if (value?.string !== undefined) return JSON.stringify(value.string);
  if (value?.bytes) return JSON.stringify(Buffer.from(value.bytes).toString('base64'));
  return value?.json ?? JSON.stringify(value?.int ?? value?.double ?? null);
}

/** Like the exception that the extension stores; apps must not parse it. */
function serializeCause({ message, stackTrace }: RpcException): string {
  return JSON.stringify({
    ClassName: 'System.Exception',
    Message: message,
    RemoteStackTraceString: stackTrace,
  });
}
