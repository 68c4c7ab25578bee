/** The state of an instance, as the Durable HTTP API shows it. */
import { EventType, type HistoryEvent } from './history';
import { type Instance } from './store';

/** `history` is the stored events, when they are to be shown; their results only with `showOutput`. */
export function statusPayload(
  instance: Instance,
  showInput: boolean,
  history?: readonly string[],
  showOutput = false,
): object {
  return {
    name: instance.name,
    instanceId: instance.instanceId,
    runtimeStatus: instance.status,
    input: showInput ? parse(instance.input) : null,
    customStatus: parse(instance.customStatus),
    output: parse(instance.output),
    createdTime: seconds(instance.createdMs),
    lastUpdatedTime: seconds(instance.updatedMs),
    ...(history && { historyEvents: history.map((text) => historyEntry(text, showInput, showOutput)) }),
  };
}

function historyEntry(text: string, showInput: boolean, showOutput: boolean): object {
  const event = JSON.parse(text) as HistoryEvent;
  const name = Object.entries(EventType).find(([, number]) => number === event.EventType)?.[0];
  const entry: Record<string, unknown> = { ...event, EventType: name };
  if (!showInput) delete entry.Input;
  if (!showOutput) delete entry.Result;
  return entry;
}

/** Anything but JSON, such as a failure reason, is shown as text. */
function parse(text: string | null): unknown {
  if (text === null) return null;
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

/** .NET's sortable format: whole seconds. */
function seconds(timeMs: number): string {
  return `${new Date(timeMs).toISOString().slice(0, 19)}Z`;
}
