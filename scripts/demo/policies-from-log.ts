/** Policies derived from a log: rules for known bad habits first, and one that matches in every log. */
import type { EventLogSession } from '../cloud-client/event-log/read-event-log';

const RECIPIENTS = 'security@contoso.example; night-shift@contoso.example';
/** Users are notified, and have this long to save their work. */
const NOTICE_SECONDS = 2;

interface Trigger {
  eventType: string;
  description: string;
  conditions?: { dimension: string; operator: string; values: string[] }[];
  actions: string[];
}

const HABITS: { name: string; operationDelaySeconds: number; triggers: Trigger[] }[] = [
  {
    name: 'Hop to another machine',
    operationDelaySeconds: NOTICE_SECONDS,
    triggers: [
      {
        eventType: 'rdpConnection',
        description: 'A remote desktop was opened from within a session',
        actions: ['startScreenRecording', 'sendEmail', 'lockSession'],
      },
    ],
  },
  {
    name: 'Command shells and script hosts',
    operationDelaySeconds: 0,
    triggers: [
      {
        eventType: 'appStart',
        description: 'A shell or script host was started',
        conditions: [
          {
            dimension: 'appName',
            operator: 'matches',
            values: ['^(cmd|powershell|pwsh|[wc]script|mshta|psexec|reg)(\\.exe)?$'],
          },
        ],
        actions: ['startScreenRecording', 'sendEmail'],
      },
    ],
  },
  {
    name: 'Programs that start with Windows',
    operationDelaySeconds: 0,
    triggers: [
      {
        eventType: 'registrySetValue',
        description: 'Something was registered to start by itself',
        conditions: [
          { dimension: 'keyName', operator: 'matches', values: ['\\\\CurrentVersion\\\\Run(Once)?$'] },
        ],
        actions: ['sendEmail'],
      },
    ],
  },
];

/** The event types of the sessions, rarest first. */
export function typesByRarity(sessions: readonly EventLogSession[]): string[] {
  const counts = new Map<string, number>();
  for (const { type } of sessions.flatMap(({ events }) => events))
    counts.set(type, (counts.get(type) ?? 0) + 1);
  return [...counts].sort(([, a], [, b]) => a - b).map(([type]) => type);
}

/** Detects every type that occurs. */
export function detectionPolicy(machines: string[], eventTypes: string[]) {
  return {
    name: 'What this log shows',
    rules: [{ name: 'Everything that occurs', scope: { machines }, eventTypes }],
  };
}

/** Reacts to known habits and to the rarest type of event, so that at least one rule fires for every log. */
export function responsePolicy(machines: string[], rarest: string | undefined) {
  const rare: typeof HABITS = rarest
    ? [
        {
          name: 'The rarest event of this log',
          operationDelaySeconds: NOTICE_SECONDS,
          triggers: [
            {
              eventType: rarest,
              description: 'Seldom seen here',
              actions: ['startScreenRecording', 'sendEmail', 'lockSession'],
            },
          ],
        },
      ]
    : [];
  const rules = [...HABITS, ...rare].map((habit) => ({
    ...habit,
    scope: { machines },
    recipients: RECIPIENTS,
  }));
  return { name: 'Watch for bad habits', rules };
}
