/** For tests: the state of a recording server that has nothing to do, as heartbeats report it. */
export const IDLE_STATE = {
  services: 'running',
  cpuPercent: 1,
  memoryPercent: 2,
  networkSendKbps: 3,
  networkReceiveKbps: 4,
  storage: [],
  liveSessions: 0,
};
