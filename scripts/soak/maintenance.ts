/** The suite of storage maintenance: a scheduled archive of very many recordings, on a host that is killed on the way. */
import { withoutRequestLimits } from '../../infra/local/stack/environment';
import { storage } from '../../functions/storage';
import { provisioner } from '../../infra/local/stack/provision';
import { type Stack, startStack } from '../../infra/local/stack/stack';
import { loadConfig } from '../../shared/config';
import { openServices } from '../../shared/services';
import { line, table } from '../demo/print';
import { archivedSite } from './maintenance/archived-site';
import { type Course, followRun } from './maintenance/follow-run';
import { storeRecordings } from './maintenance/store-recordings';
import type { SoakOptions } from './options';

/** One case; twenty of them, the default, are 100,000 recordings. */
const RECORDINGS_PER_CASE = 5_000;
const MAX_GROWTH_MEGABYTES = 256;
/** The last third may take so much longer than the first: the pace must not depend on what is done already. */
const MAX_SLOWDOWN = 2;
/** With fewer recordings the time of a third is one of chance. */
const RECORDINGS_FOR_PACE = 20_000;

/** @throws Error when a recording was lost or archived twice, or the host grew or slowed down too much */
export async function soakMaintenance({ seed, count }: Pick<SoakOptions, 'seed' | 'count'>): Promise<void> {
  const recordings = RECORDINGS_PER_CASE * count;
  const stack = await startStack({
    ephemeral: true,
    provision: provisioner(storage),
    hostFlags: ['--queue-lease-seconds', '5'],
    env: withoutRequestLimits,
  });
  try {
    await archiveAll(stack, seed, recordings);
  } finally {
    await stack.stop();
  }
}

async function archiveAll(stack: Stack, seed: number, recordings: number): Promise<void> {
  const services = openServices(loadConfig(stack.env));
  const site = await archivedSite(stack, services);
  const ids = await storeRecordings(services, site, { seed, recordings });
  line(`${ids.length} recordings are stored, each with a file of its own`);
  const course = await followRun(stack, site, ids.length);
  report(course, ids.length);
  const wrong = [...(await site.differences(ids)), ...excessOf(course, ids.length)];
  if (wrong.length > 0) throw new Error(wrong.slice(0, 20).join('\n'));
  line('nothing lost, nothing twice');
}

function excessOf({ growthMegabytes, thirdsSeconds }: Course, recordings: number): string[] {
  const [first = 0, , last = 0] = thirdsSeconds;
  return [
    ...(growthMegabytes >= MAX_GROWTH_MEGABYTES ? [`the host grew by ${growthMegabytes} MB`] : []),
    ...(recordings >= RECORDINGS_FOR_PACE && last > first * MAX_SLOWDOWN
      ? [`the first third took ${first} s, the last one ${last} s`]
      : []),
  ];
}

function report(course: Course, recordings: number): void {
  const { seconds, kills, idleMegabytes, growthMegabytes, thirdsSeconds } = course;
  table(
    ['recordings', 'kills', 'seconds', 'per second', 'thirds in s', 'host idle MB', 'grew by MB'],
    [
      [
        recordings,
        kills,
        seconds,
        Math.round(recordings / seconds),
        thirdsSeconds.join(' / '),
        idleMegabytes,
        growthMegabytes,
      ],
    ],
  );
}
