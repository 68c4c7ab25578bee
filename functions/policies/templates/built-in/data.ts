/** Data that leaves, and data that is destroyed. */
import type { BuiltInTemplate } from '../template';
import { above, hostsPattern, MAIL, RECORD, template, text, when } from './building-blocks';

const HOSTS_OF_WEBMAIL = String.raw`mail\.google\.com|outlook\.(?:live|office)\.com|mail\.yahoo\.com|mail\.proton\.me|mail\.aol\.com|mail\.ru|gmx\.(?:net|com|de)|web\.de`;
const HOSTS_OF_SHARING = String.raw`dropbox\.com|drive\.google\.com|wetransfer\.com|mega\.(?:nz|io)|box\.com|onedrive\.live\.com|mediafire\.com|gofile\.io|file\.io|transfer\.sh|pastebin\.com|sendspace\.com`;

export const DATA: readonly BuiltInTemplate[] = [
  template(
    'usb-exfiltration',
    ['Exfiltration to USB devices', 'Data exfiltration'],
    'Client drives and USB storage that appear in a session, and files that leave the host for the client.',
    when('cdmUsb', 'A mass storage device was mapped into the session', RECORD),
    when(
      'genericUsb',
      'A USB storage device was redirected into the session',
      RECORD,
      text('deviceName', 'includes', 'mass storage', 'flash', 'disk', 'card reader'),
    ),
    when(
      'fileTransfer',
      'A file of more than 10 MB left the host for the client',
      RECORD,
      text('fileSource', 'equals', 'host'),
      above('fileSize', 10),
    ),
    when(
      'fileMove',
      'A file was moved to a drive of the client',
      RECORD,
      text('destinationPath', 'includes', '\\\\tsclient\\', '\\\\client\\'),
    ),
  ),
  template(
    'clipboard-exfiltration',
    ['Exfiltration through the clipboard', 'Data exfiltration'],
    'Files, private keys and card numbers that are copied.',
    when('clipboardOperation', 'Files were copied', RECORD, text('dataType', 'equals', 'file')),
    when(
      'clipboardOperation',
      'A private key or an access key was copied',
      RECORD,
      text('content', 'matches', '-----BEGIN [A-Z ]*PRIVATE KEY-----', String.raw`\bAKIA[0-9A-Z]{16}\b`),
    ),
    when(
      'clipboardOperation',
      'Something like a payment card number was copied',
      RECORD,
      text(
        'content',
        'matches',
        String.raw`\b(?:4\d{3}|5[1-5]\d{2}|3[47]\d{2})(?:[ -]?\d{4}){2}[ -]?\d{3,4}\b`,
      ),
    ),
  ),
  template(
    'webmail-and-file-sharing',
    ['Webmail and file sharing', 'Data exfiltration'],
    'Sites in the browser to which data can be sent.',
    when('webBrowsing', 'Webmail was opened', MAIL, text('url', 'matches', hostsPattern(HOSTS_OF_WEBMAIL))),
    when(
      'webBrowsing',
      'A file-sharing site was opened',
      RECORD,
      text('url', 'matches', hostsPattern(HOSTS_OF_SHARING)),
    ),
  ),
  template(
    'mass-deletion',
    ['Mass deletion', 'Destruction'],
    'Commands that delete whole folders, shadow copies or backups, and large files that are deleted.',
    when(
      'appStart',
      'Shadow copies or backups are being deleted',
      [...RECORD, 'lockSession'],
      text(
        'commandLine',
        'matches',
        String.raw`\bvssadmin(?:\.exe)?"?\s+(?:delete|resize)\s+shadow`,
        String.raw`\bwmic(?:\.exe)?"?\s+shadowcopy\s+delete`,
        String.raw`\bwbadmin(?:\.exe)?"?\s+delete\b`,
        String.raw`\bbcdedit(?:\.exe)?"?\s.*\brecoveryenabled\s+no\b`,
      ),
    ),
    when(
      'appStart',
      'A whole folder is being deleted or wiped',
      RECORD,
      text(
        'commandLine',
        'matches',
        String.raw`\b(?:rd|rmdir|del|erase)\b.*\s/s\b`,
        String.raw`\bremove-item\b.*\s-r(?:ecurse)?\b`,
        String.raw`\bsdelete(?:64)?(?:\.exe)?\b`,
        String.raw`\bcipher(?:\.exe)?"?\s+/w:`,
      ),
    ),
    when('fileDelete', 'A file of more than 1 GB was deleted', RECORD, above('fileSize', 1024)),
  ),
];
