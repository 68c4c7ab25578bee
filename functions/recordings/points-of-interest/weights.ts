/** The weights of points of interest: the one table, which `docs/points-of-interest.md` explains. */
import type { Action } from '../../policies/engine';
import type { TransferDirection } from '../statistics/file-transfers';
import type { MomentKind } from './moment';

/** Of a response, that of its strongest action. */
export const ACTION_POINTS: Readonly<Record<Action, number>> = {
  logOffSession: 50,
  disconnectSession: 40,
  lockSession: 30,
  startScreenRecording: 20,
  sendEmail: 10,
};

export const SEVERE_COMMENT_POINTS = 40;
export const ACCOUNT_CHANGE_POINTS = 25;
export const CONNECTION_POINTS = 15;

/** By size, the largest first; smaller files have none. */
export const TRANSFER_POINTS: readonly ({ fromBytes: number } & Readonly<
  Record<TransferDirection, number>
>)[] = [
  { fromBytes: 1_073_741_824, hostToClient: 40, clientToHost: 20 },
  { fromBytes: 104_857_600, hostToClient: 20, clientToHost: 10 },
  { fromBytes: 10_485_760, hostToClient: 10, clientToHost: 5 },
  { fromBytes: 1_048_576, hostToClient: 5, clientToHost: 2 },
];

/** Programs that the user started in few other recordings of the last 90 days, if there are enough to compare with. */
export const RARE_PROGRAM_POINTS: readonly {
  /** Other recordings of the user in which the program was started, at most. */
  atMost: number;
  /** Other recordings of the user, at least. */
  ofAtLeast: number;
  points: number;
}[] = [
  { atMost: 0, ofAtLeast: 5, points: 15 },
  { atMost: 2, ofAtLeast: 20, points: 5 },
];

/** What all moments of a kind add to the score of a recording at most. */
export const MOST_POINTS: Readonly<Record<MomentKind, number>> = {
  response: 200,
  severeComment: 120,
  accountChange: 100,
  fileTransfer: 100,
  rareProgram: 60,
  connection: 60,
};
