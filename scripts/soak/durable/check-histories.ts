/** Checks the histories of all instances: everything scheduled was answered, once. */
import type { DurableHosts } from './durable-hosts';

interface Event {
  EventType: string;
  EventId: number;
  TaskScheduledId?: number;
  TimerId?: number;
}
interface Instance {
  instanceId: string;
  name: string;
  runtimeStatus: string;
}

const SCHEDULED = ['TaskScheduled', 'SubOrchestrationInstanceCreated'];
const ANSWERED = [
  'TaskCompleted',
  'TaskFailed',
  'SubOrchestrationInstanceCompleted',
  'SubOrchestrationInstanceFailed',
];

/** @throws Error naming the instance and what is wrong */
export async function checkHistories(hosts: DurableHosts): Promise<void> {
  const { body } = await hosts.call('GET', '/instances');
  for (const { instanceId, name, runtimeStatus } of body as Instance[]) {
    const expected = name === 'flakyChild' ? ['Completed', 'Failed'] : ['Completed'];
    if (!expected.includes(runtimeStatus)) throw new Error(`${instanceId} is ${runtimeStatus}`);
    const shown = await hosts.call('GET', `/instances/${encodeURIComponent(instanceId)}?showHistory=true`);
    checkHistory(instanceId, (shown.body as { historyEvents: Event[] }).historyEvents);
  }
}

function checkHistory(instanceId: string, events: readonly Event[]): void {
  const ids = (types: readonly string[], id: (event: Event) => number | undefined): (number | undefined)[] =>
    events.filter(({ EventType }) => types.includes(EventType)).map(id);
  const scheduled = ids(SCHEDULED, ({ EventId }) => EventId);
  const answered = ids(ANSWERED, ({ TaskScheduledId }) => TaskScheduledId);
  const fired = ids(['TimerFired'], ({ TimerId }) => TimerId);
  const made = [...scheduled, ...ids(['TimerCreated'], ({ EventId }) => EventId)];
  if (new Set(made).size < made.length) throw new Error(`${instanceId}: a sequence number was used twice`);
  if (new Set(answered).size < answered.length) throw new Error(`${instanceId}: an answer counts twice`);
  if (new Set(fired).size < fired.length) throw new Error(`${instanceId}: a timer fired twice`);
  const lost = scheduled.filter((id) => !answered.includes(id));
  if (lost.length > 0) throw new Error(`${instanceId}: no answer to ${lost.join(', ')}`);
  if (answered.some((id) => !scheduled.includes(id))) throw new Error(`${instanceId}: an answer to nothing`);
  for (const type of ['ExecutionStarted', 'ExecutionCompleted'])
    if (ids([type], () => 0).length !== 1) throw new Error(`${instanceId}: not exactly one ${type}`);
}
