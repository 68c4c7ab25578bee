/** What a machine reports about itself. */

export interface Machine {
  machineId: string;
  hostName: string;
  operatingSystem: string;
  timeZone: string;
  clientVersion: string;
  serverVersion?: string;
  domain?: string;
  database?: { instance: string; name: string };
}

export interface MachineState {
  services: 'running' | 'degraded' | 'stopped';
  cpuPercent: number;
  memoryPercent: number;
  networkSendKbps: number;
  networkReceiveKbps: number;
  storage: { path: string; usedBytes: number; freeBytes: number }[];
  liveSessions: number;
}

export const IDLE_MACHINE: MachineState = {
  services: 'running',
  cpuPercent: 0,
  memoryPercent: 0,
  networkSendKbps: 0,
  networkReceiveKbps: 0,
  storage: [],
  liveSessions: 0,
};
