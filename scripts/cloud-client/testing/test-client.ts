/** For tests: a cloud client with a machine on which nothing can be done, and events for it. */
import { CloudClient, type CloudClientOptions } from '../cloud-client';
import type { SessionHost } from '../command-runner';

const ignore = () => Promise.resolve();

export const IDLE_HOST: SessionHost = {
  startScreenRecording: ignore,
  lockSession: ignore,
  logOffSession: ignore,
  disconnectSession: ignore,
  notifyUser: ignore,
};

export function testClient(options: Partial<CloudClientOptions> & { serviceUrl: string; folder: string }) {
  return new CloudClient({
    credentials: { clientId: 'c', clientSecret: 's' },
    host: IDLE_HOST,
    machine: {
      machineId: 'm',
      hostName: 'm',
      operatingSystem: 'o',
      timeZone: 'UTC',
      clientVersion: '1.0.0.0',
    },
    ...options,
  });
}

export function startSession(client: CloudClient, sessionKey: string): void {
  client.startSession({
    sessionKey,
    startedAt: '2024-03-04T09:00:00.000Z',
    facts: { user: { name: 'EXAMPLE\\dana', groups: [] }, machine: 'm', application: 'a', tags: [] },
  });
}

/** The id of the event with this number. */
export function eventId(number: number): string {
  return `0b8f6f0e-6f6e-4c9e-9a53-${String(number).padStart(12, '0')}`;
}

/** Events with these numbers, the last one not included. */
export function eventsFrom(first: number, end: number) {
  return Array.from({ length: end - first }, (_, index) => ({
    id: eventId(first + index),
    type: 'appStart' as const,
    time: '2024-03-04T09:00:00.000Z',
    data: { appName: 'a.exe' },
  }));
}
