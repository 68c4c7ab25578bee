import { openHostDatabase } from '../database';
import { Membership } from '../membership';
import { temporaryFolder } from '../testing/processes';
import { activityEvent } from './activity';
import { EventType } from './history';
import { startedEvent } from './orchestrator-turn';
import { DurableStore } from './store';

const { folder, remove } = temporaryFolder();
const database = openHostDatabase(folder);
const members = [new Membership(database), new Membership(database)] as const;
const first = new DurableStore(database, members[0]);
const second = new DurableStore(database, members[1]);

afterAll(() => {
  database.close();
  remove();
});
beforeEach(() => database.exec('DELETE FROM instances; DELETE FROM inbox; DELETE FROM activities'));

function create(instanceId: string): void {
  const start = { instanceId, executionId: 'first', name: 'o', version: '', input: null, parent: null };
  first.create(start, startedEvent('o', '', null));
}

const succeeded = { ok: true, returnValue: { json: '1' } } as const;

describe('durable work of two hosts', () => {
  it('is claimed by one of them', () => {
    for (let count = 0; count < 10; count += 1) {
      create(`i${count}`);
      first.scheduleActivity({
        instanceId: `i${count}`,
        executionId: 'first',
        taskId: 0,
        name: 'a',
        input: null,
      });
    }
    const orchestrations = [...first.claimOrchestrations(4), ...second.claimOrchestrations(20)];
    expect(new Set(orchestrations).size).toBe(10);
    expect(orchestrations).toHaveLength(10);
    const activities = [...second.claimActivities(4), ...first.claimActivities(20)].map(({ id }) => id);
    expect(new Set(activities).size).toBe(10);
    expect(activities).toHaveLength(10);
  });

  it('counts the answer of an activity once, that of the host which has the claim', () => {
    create('i');
    first.scheduleActivity({ instanceId: 'i', executionId: 'first', taskId: 0, name: 'a', input: null });
    const [mine] = first.claimActivities(1);
    database.exec('UPDATE activities SET owner = NULL');
    const [taken] = second.claimActivities(1);
    if (!mine || !taken) throw new Error('not claimed');
    expect(first.finishActivity(mine, activityEvent(mine, succeeded))).toBe(false);
    expect(second.finishActivity(taken, activityEvent(taken, succeeded))).toBe(true);
    expect(second.finishActivity(taken, activityEvent(taken, succeeded))).toBe(false);
    const answers = first.inbox('i').filter(({ event }) => event.EventType === EventType.TaskCompleted);
    expect(answers).toHaveLength(1);
  });

  it('drops the answer of an activity whose orchestration has been started again', () => {
    create('i');
    first.scheduleActivity({ instanceId: 'i', executionId: 'first', taskId: 0, name: 'a', input: null });
    const [work] = first.claimActivities(1);
    if (!work) throw new Error('not claimed');
    first.continueAsNew('i', 'second', null, []);
    expect(first.finishActivity(work, activityEvent(work, succeeded))).toBe(false);
    expect(first.inbox('i')).toEqual([]);
  });

  it('is not written by a host that has lost its claim, or on top of what another one has written', () => {
    create('i');
    first.claimOrchestrations(1);
    const read = first.instance('i');
    if (!read) throw new Error('not there');
    expect(first.owns(read)).toBe(true);
    database.exec('UPDATE instances SET owner = NULL');
    second.claimOrchestrations(1);
    expect(first.owns(read)).toBe(false);
    second.update('i', 'Running', null, 5);
    second.releaseOrchestration('i');
    first.claimOrchestrations(1);
    expect(first.owns(read)).toBe(false);
  });
});
