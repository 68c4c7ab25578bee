/** For tests: a day of two people on one machine, and who is found to have done what. */
import { auditedStart, logon, securityEvent, subject, USER_SID } from './events';
import { readValues } from './read-lines';
import { asWinlogbeat8, type WrittenEvent } from './write-records';

/** A time of the day on which the tests happen. */
export const at = (minute: number, second = 0): string =>
  `2024-03-04T09:${String(minute).padStart(2, '0')}:${String(second).padStart(2, '0')}.000Z`;

/** The second person; the first is dana. */
export const LEE = { user: 'lee', sid: `${USER_SID}1` };
/** A logon id that both get, one after the other. */
export const SHARED_ID = '0x3d2c1';

/** Users with the programs that they started, and how many events have no session. */
export async function programsOf(
  events: readonly WrittenEvent[],
): Promise<{ by: [string, string[]][]; rest: number }> {
  const { sessions, counts } = await readValues(events.map(asWinlogbeat8));
  const rest = [...counts.detected.values()].reduce((sum, { withoutSession }) => sum + withoutSession, 0);
  return {
    by: sessions.map(({ user, events: own }) => [
      user.replace('EXAMPLE\\', ''),
      own.map(({ type, data }) => String(data.appName ?? data.userName ?? data.path ?? type)),
    ]),
    rest,
  };
}

export const ofDana = (image: string, minute: number): WrittenEvent =>
  auditedStart(`C:\\${image}`, `0x${minute.toString(16)}00`, { logonId: SHARED_ID, time: at(minute) });

export const ofLee = (image: string, minute: number): WrittenEvent =>
  securityEvent(
    4688,
    [
      ...subject(LEE.user, SHARED_ID, 'EXAMPLE', LEE.sid),
      ['NewProcessId', `0x${minute.toString(16)}00`],
      ['NewProcessName', `C:\\${image}`],
    ],
    { time: at(minute) },
  );

export const danaLogsOn = logon({ type: '2', logonId: SHARED_ID }, { time: at(1) });
export const leeLogsOn = logon({ ...LEE, type: '2', logonId: SHARED_ID }, { time: at(31) });
