/** The suite of storage maintenance: a scheduled archive of very many recordings, on a host that is killed on the way. */
import { withoutRequestLimits } from '../../infra/local/stack/environment';
import { storage } from '../../functions/storage';
import { provisioner } from '../../infra/local/stack/provision';
import { type Stack, startStack } from '../../infra/local/stack/stack';
import { loadConfig } from '../../shared/config';
import { openServices } from '../../shared/services';
import { line, table } from '../demo/print';
import { Probes } from './endurance/probes';
import { archivedSite } from './maintenance/archived-site';
import { Course } from './maintenance/course';
import { followRun } from './maintenance/follow-run';
import { storeRecordings } from './maintenance/store-recordings';
import type { SoakOptions } from './options';

/** One case; twenty of them, the default, are 100,000 recordings. */
const RECORDINGS_PER_CASE = 5_000;

/** @throws Error when a recording was lost or archived twice, or the host grew or slowed down too much */
export async function soakMaintenance({ seed, count }: Pick<SoakOptions, 'seed' | 'count'>): Promise<void> {
  const recordings = RECORDINGS_PER_CASE * count;
  const probes = new Probes();
  let stack: Stack | undefined;
  try {
    stack = await startStack({
      ephemeral: true,
      memoryBlobs: true,
      provision: provisioner(storage),
      hostFlags: ['--queue-lease-seconds', '5'],
      env: withoutRequestLimits,
    });
    await archiveAll(stack, probes, seed, recordings);
  } finally {
    await stack?.stop();
    probes.remove();
  }
}

async function archiveAll(stack: Stack, probes: Probes, seed: number, recordings: number): Promise<void> {
  const services = openServices(loadConfig(stack.env));
  const site = await archivedSite(stack, services);
  const ids = await storeRecordings(services, site, { seed, recordings });
  line(`${ids.length} recordings are stored, each with a file of its own`);
  const course = new Course(ids.length);
  try {
    await followRun(stack, site, probes, course);
  } finally {
    report(course);
  }
  const wrong = [...(await site.differences(ids)), ...course.excess()];
  if (wrong.length > 0) throw new Error(wrong.slice(0, 20).join('\n'));
  line('nothing lost, nothing twice');
}

function report({ recordings, kills, quartersSeconds, marks, growthMegabytes }: Course): void {
  const seconds = quartersSeconds.reduce((sum, some) => sum + some, 0);
  const rows: [string, string | number][] = [
    ['recordings', recordings],
    ['kills of the host', kills],
    ['seconds', seconds],
    ['seconds of each quarter', quartersSeconds.join(' / ')],
    ['recordings per second', Math.round(recordings / seconds)],
    ['host, resident MB', marks.map(({ residentMegabytes }) => residentMegabytes).join(' / ')],
    ['host, heap MB', marks.map(({ heapMegabytes }) => heapMegabytes).join(' / ')],
    ['host grew by MB', growthMegabytes],
  ];
  table(['', 'measured'], rows);
}
