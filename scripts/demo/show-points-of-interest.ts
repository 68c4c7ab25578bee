/** Shows what is of interest in one recording: the first with the highest score of some. */
import type { AdministratorApi } from './administrator';
import { line, table } from './print';

const COMPARED_RECORDINGS = 5;
const SHOWN_MOMENTS = 5;

interface Moment {
  kind: string;
  points: number;
  positionSeconds: number;
  time: string;
  [fact: string]: unknown;
}

interface PointsOfInterest {
  score: number;
  moments: Moment[];
}

interface Summary {
  programs: { appName: string }[];
  filesOut: { files: number; sizeBytes: number };
  commandCount: number;
  alertCount: number;
  eventCount: number;
  idleShare: number;
}

export async function showPointsOfInterest(api: AdministratorApi, siteId: string): Promise<void> {
  const recordings = await api.list<{ id: string; userName: string }>(
    `/recordings?siteId=${siteId}&top=${COMPARED_RECORDINGS}`,
  );
  const rated = await Promise.all(
    recordings.map(async ({ id, userName }) => {
      const { body } = await api.call<PointsOfInterest>('GET', `/recordings/${id}/pointsOfInterest`);
      return { id, userName, ...body };
    }),
  );
  const [best] = rated.sort((a, b) => b.score - a.score);
  if (!best) {
    line('nothing was recorded');
    return;
  }
  const { body: summary } = await api.call<Summary>('GET', `/recordings/${best.id}/summary`);
  line(`${best.id} of ${best.userName} has the score ${best.score}`);
  line(
    `${summary.eventCount} events, ${summary.commandCount} commands, ${summary.alertCount} alerts, ` +
      `${summary.filesOut.files} files out, idle ${Math.round(summary.idleShare * 100)} %`,
  );
  table(
    ['second', 'points', 'what', 'facts'],
    best.moments
      .slice(0, SHOWN_MOMENTS)
      .map(({ kind, points, positionSeconds, time: _time, ...facts }) => [
        Math.round(positionSeconds),
        points,
        kind,
        JSON.stringify(facts).slice(0, 100),
      ]),
  );
}
