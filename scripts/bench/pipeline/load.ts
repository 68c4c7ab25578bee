/** The load of the pipeline: programs that start, some of them one that the rule asks for. */
import { randomUUID } from 'node:crypto';
import type { SessionEvent } from '../../../functions/policies/engine';
import { MACHINE } from '../../recording-site/recording-site';

/** The one value that the rule asks for. */
const WANTED = 'mimikatz.exe';
const OTHERS = ['winword.exe', 'excel.exe', 'outlook.exe', 'teams.exe', 'msedge.exe', 'notepad.exe'] as const;

export const LOAD_POLICY = {
  name: 'Disconnect who dumps passwords',
  rules: [
    {
      name: 'Tools',
      scope: { machines: [MACHINE] },
      triggers: [
        {
          eventType: 'appStart',
          description: 'A tool that reads passwords was started',
          conditions: [{ dimension: 'appName', operator: 'equals', values: [WANTED] }],
          actions: ['disconnectSession'],
        },
      ],
    },
  ],
};

/** The given number of events, the first of which match the rule. */
export function loadEvents(count: number, wanted: number): SessionEvent[] {
  return Array.from({ length: count }, (_value, index): SessionEvent => {
    const appName = index < wanted ? WANTED : (OTHERS[index % OTHERS.length] ?? WANTED);
    const commandLine = `"C:\\Program Files\\Vendor\\${appName}" --profile ${index}`;
    return {
      id: randomUUID(),
      type: 'appStart',
      time: new Date().toISOString(),
      data: { appName, commandLine },
    };
  });
}
