/** What makes a moment a point of interest, and the score of a recording. Pure. */
import type { SessionResponse } from '../../../shared/events/session-responses';
import type { SessionEvent } from '../../policies/engine';
import { directionOf, transferredBytes } from '../statistics/file-transfers';
import { type Moment, MOMENT_KINDS, type MomentTotals } from './moment';
import {
  ACCOUNT_CHANGE_POINTS,
  ACTION_POINTS,
  CONNECTION_POINTS,
  MOST_POINTS,
  RARE_PROGRAM_POINTS,
  SEVERE_COMMENT_POINTS,
  TRANSFER_POINTS,
} from './weights';

/** How often a user started programs in other recordings of the last 90 days. */
export interface ProgramCounts {
  otherRecordings: number;
  /** By key of the program, see `programKey`. */
  recordingsWithProgram: ReadonlyMap<string, number>;
}

/** The point of interest that an event is by itself, or undefined. */
export function momentOfEvent(event: SessionEvent): Moment | undefined {
  const { id: eventId, time, type, data } = event;
  if (type === 'userAccountModification')
    return {
      kind: 'accountChange',
      time,
      points: ACCOUNT_CHANGE_POINTS,
      eventId,
      userName: text(data['userName']),
    };
  if (type === 'rdpConnection')
    return {
      kind: 'connection',
      time,
      points: CONNECTION_POINTS,
      eventId,
      ipAddress: text(data['ipAddress']),
    };
  const direction = directionOf(event);
  if (direction === undefined) return undefined;
  const sizeBytes = transferredBytes(event);
  const points = TRANSFER_POINTS.find(({ fromBytes }) => sizeBytes >= fromBytes)?.[direction];
  if (points === undefined) return undefined;
  return {
    kind: 'fileTransfer',
    time,
    points,
    eventId,
    fileName: text(data['fileName']),
    direction,
    sizeBytes,
  };
}

/** The point of interest that a response is; undefined when its actions have no weight. */
export function momentOfResponse(response: SessionResponse): Moment | undefined {
  const { eventId, eventType, eventTime, ruleId, ruleName, actions } = response;
  const points = Math.max(
    0,
    ...actions.map(({ kind }) => (ACTION_POINTS as Record<string, number>)[kind] ?? 0),
  );
  if (points === 0) return undefined;
  return {
    kind: 'response',
    time: eventTime,
    points,
    eventId,
    eventType,
    ruleId,
    ruleName,
    actions: [...actions],
  };
}

/** The point of interest that a severe comment at an instant (RFC 3339 UTC) is. */
export function momentOfComment(
  time: string,
  { id, text: comment, author }: { id: string; text: string; author: { id: string; name: string } },
): Moment {
  return { kind: 'severeComment', time, points: SEVERE_COMMENT_POINTS, commentId: id, text: comment, author };
}

interface ProgramStart {
  appName: string;
  eventId: string;
  time: string;
}

/** The point of interest that the first start of a program is; undefined unless the program is rare for the user. */
export function momentOfProgram(
  key: string,
  { appName, eventId, time }: ProgramStart,
  { otherRecordings, recordingsWithProgram: counts }: ProgramCounts,
): Moment | undefined {
  const recordingsWithProgram = counts.get(key) ?? 0;
  const rarity = RARE_PROGRAM_POINTS.find(
    ({ atMost, ofAtLeast }) => recordingsWithProgram <= atMost && otherRecordings >= ofAtLeast,
  );
  if (!rarity) return undefined;
  const { points } = rarity;
  return { kind: 'rareProgram', time, points, eventId, appName, otherRecordings, recordingsWithProgram };
}

/** The score of a recording: the points of each kind, up to the most that the kind can add. */
export function scoreOf({ points }: Pick<MomentTotals, 'points'>): number {
  return MOMENT_KINDS.reduce((sum, kind) => sum + Math.min(MOST_POINTS[kind], points[kind] ?? 0), 0);
}

const MAX_CHARACTERS = 512;

function text(value: unknown): string {
  return typeof value === 'string'
    ? [...value.slice(0, 2 * MAX_CHARACTERS)].slice(0, MAX_CHARACTERS).join('')
    : '';
}
