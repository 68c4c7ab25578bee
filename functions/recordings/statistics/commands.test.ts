import type { EventData, SessionEvent } from '../../policies/engine';
import { matchesTerms, ShellProcesses } from './commands';
import { eventAt } from '../testing/events';

let clock = Date.UTC(2030, 0, 15, 12);
const started = (appName: string, data: EventData = {}) =>
  eventAt((clock += 1000), 'appStart', { appName, commandLine: `${appName} /x`, ...data });
const ended = (processId: number) => eventAt((clock += 1000), 'appEnd', { processId });

function commandsOf(events: SessionEvent[]): (string | undefined)[][] {
  const processes = new ShellProcesses();
  return events
    .map((event) => processes.commandOf(event))
    .filter((command) => command !== undefined)
    .map(({ event, shell }) => [String(event.data['appName']), shell]);
}

it('RCD-6: command lines of shells are commands, those of other programs are not', () => {
  expect(
    commandsOf([
      started('CMD.EXE'),
      started('C:\\Windows\\System32\\WindowsPowerShell\\v1.0\\powershell.exe'),
      started('pwsh'),
      started('excel.exe'),
    ]).map(([, shell]) => shell),
  ).toEqual(['cmd.exe', 'powershell.exe', 'pwsh.exe']);
});

it('RCD-6: what a shell started, directly or through others, is a command of that shell', () => {
  expect(
    commandsOf([
      started('explorer.exe', { processId: 1 }),
      started('cmd.exe', { processId: 2, parentProcessId: 1 }),
      started('setup.exe', { processId: 3, parentProcessId: 2 }),
      started('whoami.exe', { processId: 4, parentProcessId: 3 }),
      started('powershell.exe', { processId: 5, parentProcessId: 3 }),
      started('net.exe', { processId: 6, parentProcessId: 5 }),
      started('excel.exe', { processId: 7, parentProcessId: 1 }),
    ]),
  ).toEqual([
    ['cmd.exe', 'cmd.exe'],
    ['setup.exe', 'cmd.exe'],
    ['whoami.exe', 'cmd.exe'],
    ['powershell.exe', 'powershell.exe'],
    ['net.exe', 'powershell.exe'],
  ]);
});

it('RCD-6: the id of a process that has ended may belong to another program', () => {
  expect(
    commandsOf([
      started('cmd.exe', { processId: 2 }),
      ended(2),
      started('excel.exe', { processId: 3, parentProcessId: 2 }),
      started('cmd.exe', { processId: 4 }),
      // The end of the shell was not recorded.
      started('outlook.exe', { processId: 4, parentProcessId: 1 }),
      started('link.exe', { processId: 5, parentProcessId: 4 }),
    ]),
  ).toEqual([
    ['cmd.exe', 'cmd.exe'],
    ['cmd.exe', 'cmd.exe'],
  ]);
});

it('RCD-6: where the start of the shell was not recorded, the name of the parent counts', () => {
  expect(commandsOf([started('net.exe', { parentProcessId: 9, parentAppName: 'PowerShell.exe' })])).toEqual([
    ['net.exe', 'powershell.exe'],
  ]);
});

it('RCD-6: search terms are combined with OR and ignore case', () => {
  const command = {
    event: started('cmd.exe', { commandLine: 'cmd /c NET USER mallory' }),
    shell: 'cmd.exe',
  } as const;
  expect(matchesTerms(command, ['whoami', 'net user'])).toBe(true);
  expect(matchesTerms(command, ['whoami'])).toBe(false);
  expect(matchesTerms(command, [])).toBe(true);
});
