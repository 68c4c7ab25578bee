/** Software that should not run, and software that should. */
import type { BuiltInTemplate } from '../template';
import { MAIL, RECORD, template, text, when } from './building-blocks';

export const SOFTWARE: readonly BuiltInTemplate[] = [
  template(
    'unsigned-installers',
    ['Unsigned installers', 'Unwanted software'],
    'Installers from places where unsigned ones come from, such as downloads and mail attachments (events do not tell signatures), and Windows asking about unknown publishers.',
    when(
      'appStart',
      'An installer was started from a folder that users can write to',
      RECORD,
      text(
        'commandLine',
        'matches',
        String.raw`\\(?:downloads|temp|content\.outlook|inetcache)\\[^"]*\.(?:exe|msi|msix|appx|bat|cmd|ps1|scr)\b`,
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
      ),
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
        String.raw`\bset-mppreference\b.*-(?:disable|exclusion)`,
        String.raw`\b(?:sc|net1?)(?:\.exe)?"?\s+(?:stop|config|delete)\s+"?(?:windefend|sense|mpssvc|eventlog|wscsvc)\b`,
        String.raw`\btaskkill(?:\.exe)?"?\s.*\b(?:msmpeng|mssense)\b`,
        String.raw`\bnetsh(?:\.exe)?"?\s+advfirewall\s.*\bstate\s+off\b`,
        String.raw`\bwevtutil(?:\.exe)?"?\s+(?:cl|clear-log)\b`,
      ),
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
        String.raw`\b(?:powershell|pwsh)(?:\.exe)?"?\s.*\s-e(?:nc|ncodedcommand|c)?\s+[a-z0-9+/=]{16,}`,
        String.raw`\b(?:iex|invoke-expression)\b.*\b(?:downloadstring|invoke-webrequest|iwr)\b`,
      ),
    ),
    when(
      'appStart',
      'A tool of Windows fetches something from elsewhere',
      RECORD,
      text(
        'commandLine',
        'matches',
        String.raw`\bcertutil(?:\.exe)?"?\s.*-urlcache\b`,
        String.raw`\bbitsadmin(?:\.exe)?"?\s.*/transfer\b`,
        String.raw`\bmshta(?:\.exe)?"?\s+"?(?:https?:|javascript:|vbscript:)`,
        String.raw`\bregsvr32(?:\.exe)?"?\s.*/i:https?:`,
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
