/** What a machine reports about itself, and what it does with its configuration. */

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
  /** Absent: the administrator log is off. */
  administratorLogging?: 'ok' | 'failing';
  certificates?: MachineCertificate[];
  problems?: MachineProblem[];
}

export interface MachineCertificate {
  /** SHA-1, 40 hexadecimal digits. */
  thumbprint: string;
  subject: string;
  /** RFC 3339. */
  validUntil: string;
  signing: boolean;
}

export interface MachineProblem {
  kind: 'storageUnreachable' | 'recordingFileLost' | 'signatureInvalid';
  path: string;
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

/** Something that an administrator did on the machine itself. */
export interface LocalChange {
  /** The same whenever the change is found again. */
  id: string;
  /** RFC 3339, by the clock of the machine. */
  time: string;
  action: string;
  by: string;
  old?: string;
  new?: string;
}

/** What a machine does with its configuration. */
export interface ConfigurationHost {
  /** Applies a section; an error is reported to the service as the reason why it failed. */
  applySection(name: string, value: unknown): void | Promise<void>;
  /** The settings that it has now, and the version of the service's that it applied last (0: none); undefined: it has none. */
  readSettings(): { version: number; settings: object } | undefined;
  /** What was changed on the machine itself, and is not accepted yet. */
  localChanges(): LocalChange[];
  /** The local changes are on the way to the service. */
  acceptLocalChanges(): void;
}
