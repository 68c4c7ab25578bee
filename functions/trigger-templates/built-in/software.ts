/** Templates for unwanted software and for required software that fails. */
import type { BuiltInTemplate } from '../template';
import { MAIL, RECORD, template, text, when } from './building-blocks';

const SERVICES = 'windefend|wdnissvc|sense|mpssvc|eventlog|wscsvc|sysmon(?:64)?|windows defender[^"]*';

/** PowerShell commands that download, and commands that run a text. */
const FETCH = String.raw`(?:downloadstring|downloaddata|downloadfile|invoke-webrequest|iwr|invoke-restmethod|irm)\b`;
const RUN = String.raw`\b(?:iex|invoke-expression)\b`;

export const SOFTWARE: readonly BuiltInTemplate[] = [
  template(
    'unsigned-installers',
    ['Unsigned installers', 'Unwanted software'],
    'Installers from places where unsigned ones come from, such as downloads and mail attachments (events have no information about signatures), and Windows asking about unknown publishers.',
    when(
      'appStart',
      'An installer was started from a folder that users can write to',
      RECORD,
      text(
        'commandLine',
        'matches',
        String.raw`\\(?:downloads|temp|content\.outlook|inetcache|users\\public)\\[^"]*\.(?:exe|msi|msp|msix|appx|bat|cmd|ps1|scr|com|pif|vbs|vbe|js|jse|wsf|hta|jar)\b`,
      ),
    ),
    when(
      'popupWindow',
      'Windows asked about a program of an unknown publisher',
      MAIL,
      text(
        'windowContent',
        'includes',
        'unknown publisher',
        'publisher could not be verified',
        'unrecognized app',
        '不明な発行元',
        '発行元を確認できません',
        'unbekannter herausgeber',
        'editor desconocido',
      ),
      text('windowContent', 'matches', String.raw`éditeur\s*:?\s*inconnu\b`),
    ),
    when('newAppInstalled', 'A program was installed', MAIL),
  ),
  template(
    'security-tools-off',
    ['Security tools switched off', 'Defence evasion'],
    'Commands that stop or weaken virus scanner, firewall or event logs.',
    when(
      'appStart',
      'A security tool is being switched off',
      [...RECORD, 'lockSession'],
      text(
        'commandLine',
        'matches',
        String.raw`\b(?:set|add)-mppreference\b.*-(?:exclusion|disable\w+[\s:]+["']?(?:\$?true|1)\b)`,
        String.raw`\b(?:sc|net1?)(?:\.exe)?"?\s+(?:\\\\\S+\s+)?(?:stop|delete)\s+"?(?:${SERVICES})\b`,
        String.raw`\bsc(?:\.exe)?"?\s+(?:\\\\\S+\s+)?config\s+"?(?:${SERVICES})\b.*\bdisabled\b`,
        String.raw`\b(?:stop|suspend|remove)-service\b.*\b(?:${SERVICES})\b`,
        String.raw`\bset-service\b.*\b(?:${SERVICES})\b.*\b(?:disabled|stopped)\b`,
        String.raw`\btaskkill(?:\.exe)?"?\s.*\b(?:msmpeng|mssense|sysmon(?:64)?|csfalconservice|sentinelagent)\b`,
        String.raw`\badvfirewall\s.*\bstate\s+off\b`,
        String.raw`\bset-netfirewallprofile\b.*-enabled[\s:]+["']?\$?(?:false|0)\b`,
        String.raw`\bwevtutil(?:\.exe)?"?\s+(?:cl|clear-log)\b`,
        String.raw`\s(?:cl|clear-log)\s+"?(?:security|system|application|microsoft-windows-)`,
        String.raw`\b(?:clear|remove)-eventlog\b`,
        String.raw`\bauditpol(?:\.exe)?"?\s.*(?:/clear|/remove|:disable)\b`,
        String.raw`\bfltmc(?:\.exe)?"?\s+unload\b`,
      ),
    ),
    when(
      'registrySetValue',
      'Something was excepted from the virus scanner',
      RECORD,
      text('keyName', 'includes', '\\Windows Defender\\Exclusions\\'),
    ),
    when(
      'registrySetValue',
      'The virus scanner was switched off in the registry',
      RECORD,
      text('keyName', 'includes', '\\Microsoft\\Windows Defender'),
      text('valueName', 'includes', 'Disable'),
    ),
  ),
  template(
    'script-hosts',
    ['Scripts that fetch and hide', 'Malware'],
    'Encoded scripts, and tools of Windows that are used to fetch and run something from elsewhere.',
    when(
      'appStart',
      'An encoded or hidden script was started',
      RECORD,
      text(
        'commandLine',
        'matches',
        // PowerShell accepts every prefix of an option's name after each of several dashes.
        String.raw`\b(?:powershell|pwsh)(?:\.exe)?"?\s(?:.*\s)?[-/–—―]e(?:c|n|nc|nco[a-z]*)?\s+["']?[a-z0-9+/=]{16,}`,
        // Under any file name.
        String.raw`\s[-/–—―]enc(?:odedcommand)?\s+["']?[a-z0-9+/=]{40,}`,
        // Hidden scripts in files are common at logon; commands are not.
        String.raw`\s[-/–—―]w(?:i[a-z]*)?\s+["']?(?:h|hid[a-z]*|1)\b.*\s[-/–—―]c(?:om[a-z]*)?\s`,
        String.raw`${RUN}.*\b${FETCH}`,
        String.raw`\b${FETCH}.*${RUN}`,
      ),
    ),
    when(
      'appStart',
      'A tool of Windows fetches something from elsewhere',
      RECORD,
      text(
        'commandLine',
        'matches',
        String.raw`\s[-/](?:urlcache|verifyctl)\s(?:.*\s)?["']?https?:`,
        String.raw`\bcertutil(?:\.exe)?"?\s(?:.*\s)?[-/]decode(?:hex)?\b`,
        String.raw`\bbitsadmin(?:\.exe)?"?\s.*/(?:transfer|addfile)\b`,
        String.raw`\bmshta(?:\.exe)?"?\s+"?(?:https?:|javascript:|vbscript:)`,
        String.raw`\bregsvr32(?:\.exe)?"?\s.*[-/]i:["']?https?:`,
        String.raw`\bmsiexec(?:\.exe)?"?\s.*\bhttps?://`,
        String.raw`\bwmic(?:\.exe)?"?\s.*/format:["']?https?:`,
        String.raw`\brundll32(?:\.exe)?"?\s+"?javascript:`,
      ),
    ),
  ),
  template(
    'app-failures',
    ['Failing applications', 'Quality of service'],
    'Applications that end unexpectedly or stop to respond.',
    when('unexpectedAppExit', 'An application ended unexpectedly', MAIL),
    when('appNotResponding', 'An application does not respond', MAIL),
  ),
];
