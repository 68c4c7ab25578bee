/** When the next heartbeat of a server is due: those of all servers come in one part of each minute (pure). */
import { sha256Hex } from '../../shared/ids';
import { HEARTBEAT_SECONDS } from './heartbeat';

/**
 * Seconds until the next heartbeat: more than half a period and at most one and a half, so that it comes at the server's
 * own place in the window of each minute. An instance without requests costs nothing between two windows.
 *
 * @param windowSeconds how much of each minute the heartbeats of all servers are spread over
 */
export function secondsToNextHeartbeat(serverId: string, windowSeconds: number, now: Date): number {
  const place = (Number.parseInt(sha256Hex(serverId).slice(0, 8), 16) / 2 ** 32) * windowSeconds;
  const since = now.getTime() / 1000 - place;
  const intoPeriod = ((since % HEARTBEAT_SECONDS) + HEARTBEAT_SECONDS) % HEARTBEAT_SECONDS;
  const toNext = HEARTBEAT_SECONDS - intoPeriod;
  const seconds = toNext > HEARTBEAT_SECONDS / 2 ? toNext : toNext + HEARTBEAT_SECONDS;
  return Math.round(seconds * 1000) / 1000;
}
