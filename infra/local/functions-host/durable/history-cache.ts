/** Histories of running orchestrations in memory, so that a turn does not read and serialize all of it again. */
import { eventJson } from './event-json';
import { type HistoryEvent } from './history';
import { type DurableStore, type Instance } from './store';

interface CachedHistory {
  readonly executionId: string;
  readonly events: HistoryEvent[];
  /** The events as the SDK gets them, joined by commas. */
  playedJson: string;
}

const MAX_ENTRIES = 200;

export class HistoryCache {
  private readonly entries = new Map<string, CachedHistory>();

  constructor(private readonly store: DurableStore) {}

  /** The stored history; read again when another process has continued the orchestration. */
  load(instance: Instance): { readonly events: readonly HistoryEvent[]; readonly playedJson: string } {
    const cached = this.entries.get(instance.instanceId);
    if (cached?.executionId === instance.executionId && cached.events.length === instance.historyLength)
      return cached;
    const events = this.store.history(instance.instanceId).map((text) => JSON.parse(text) as HistoryEvent);
    const entry = { executionId: instance.executionId, events, playedJson: playedJson(events) };
    this.entries.delete(instance.instanceId);
    this.entries.set(instance.instanceId, entry);
    const [oldest] = this.entries.keys();
    if (this.entries.size > MAX_ENTRIES && oldest !== undefined) this.entries.delete(oldest);
    return entry;
  }

  append({ instanceId }: Instance, events: readonly HistoryEvent[]): void {
    const cached = this.entries.get(instanceId);
    if (!cached) return;
    cached.events.push(...events);
    cached.playedJson =
      cached.playedJson === '' ? playedJson(events) : `${cached.playedJson},${playedJson(events)}`;
  }

  forget(instanceId: string): void {
    this.entries.delete(instanceId);
  }
}

function playedJson(events: readonly HistoryEvent[]): string {
  return events.map((event) => eventJson(event, true)).join(',');
}
