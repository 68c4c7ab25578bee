/** The small deterministic case of the journeys: two sessions, three events that rules answer, every kind of action. */
import type { SessionEvent, SessionFacts } from '../../../functions/policies/engine';
import { derivedId } from '../../../shared/ids';

export const MACHINE = 'VDA01';
/** Sessions by the server's own names of them: one is recorded on demand and locked, the other one disconnected. */
export const SESSION_KEYS = ['locked', 'disconnected'] as const;
export type SessionKey = (typeof SESSION_KEYS)[number];

/** How many responses, operations, mails and recordings result. */
export const EXPECTED = { responses: 3, operations: 3, mails: 2, recordings: 2 } as const;

const scope = { machines: [MACHINE] };

export const DETECTION_POLICY = {
  name: 'What the rules ask for',
  rules: [{ name: 'Three types', scope, eventTypes: ['appStart', 'genericUsb', 'rdpConnection'] }],
};

/** @param operationDelaySeconds notice before the lock */
export function responsePolicy(recipients: string, operationDelaySeconds: number) {
  return {
    name: 'Three habits',
    rules: [
      {
        name: 'Shells',
        scope,
        recipients,
        recordingOptions: { minutesAfter: 5, secondsBefore: 20, lossy: true },
        triggers: [
          {
            eventType: 'appStart',
            description: 'A shell was started',
            conditions: [{ dimension: 'appName', operator: 'equals', values: ['cmd.exe'] }],
            actions: ['startScreenRecording', 'sendEmail'],
          },
        ],
      },
      {
        name: 'Hops',
        scope,
        recipients,
        operationDelaySeconds,
        triggers: [
          {
            eventType: 'rdpConnection',
            description: 'A remote desktop was opened',
            actions: ['sendEmail', 'lockSession'],
          },
        ],
      },
      {
        name: 'Devices',
        scope,
        triggers: [{ eventType: 'genericUsb', description: '', actions: ['disconnectSession'] }],
      },
    ],
  };
}

/** Who is in the sessions. */
export function factsOf(key: SessionKey): SessionFacts {
  const name = key === 'locked' ? 'CONTOSO\\alice' : 'CONTOSO\\bob';
  return { user: { name, groups: [] }, machine: MACHINE, application: 'Windows desktop', tags: [] };
}

/** What happens in a session. The ids are the same for each run of a customer. */
export function eventsOf(customer: string, key: SessionKey, startedAtMs: number): SessionEvent[] {
  const happenings: [SessionEvent['type'], SessionEvent['data']][] =
    key === 'locked'
      ? [
          ['appStart', { appName: 'notepad.exe' }],
          ['appStart', { appName: 'cmd.exe' }],
          ['rdpConnection', { ipAddress: '10.0.0.7' }],
        ]
      : [
          ['appStart', { appName: 'excel.exe' }],
          ['genericUsb', { deviceName: 'A stick' }],
        ];
  return happenings.map(([type, data], index) => ({
    id: derivedId('journey', customer, key, String(index)),
    type,
    time: new Date(startedAtMs + 1000 * (index + 1)).toISOString(),
    data,
  }));
}
