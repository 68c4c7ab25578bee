/** Templates for data exfiltration and destruction. */
import type { BuiltInTemplate } from '../template';
import { above, commandPattern, hostsPattern, MAIL, RECORD, template, text, when } from './building-blocks';

const HOSTS_OF_WEBMAIL = String.raw`mail\.google\.com|outlook\.live\.com|mail\.yahoo\.(?:com|co\.jp)|mail\.proton\.me|mail\.aol\.com|mail\.ru|mail\.yandex\.(?:com|ru)|gmx\.(?:net|com|de)|web\.de|tutanota\.com|fastmail\.com`;
const HOSTS_OF_SHARING = String.raw`dropbox\.com|drive\.google\.com|wetransfer\.com|we\.tl|mega\.(?:nz|io)|box\.com|onedrive\.live\.com|1drv\.ms|mediafire\.com|gofile\.io|file\.io|filebin\.net|pixeldrain\.com|catbox\.moe|transfer\.sh|temp\.sh|pastebin\.com|sendspace\.com|pcloud\.com|disk\.yandex\.(?:com|ru)|gigafile\.nu|firestorage\.jp`;

const DRIVES_OF_CLIENT = ['\\\\tsclient\\', '\\\\client\\'];

export const DATA: readonly BuiltInTemplate[] = [
  template(
    'usb-exfiltration',
    ['Exfiltration to USB devices', 'Data exfiltration'],
    'Client drives and USB storage that appear in a session, and files transferred from the host to the client.',
    when('cdmUsb', 'A mass storage device was mapped into the session', RECORD),
    when(
      'genericUsb',
      'A USB storage device was redirected into the session',
      RECORD,
      // Not every card reader: smart cards are used to sign in.
      text(
        'deviceName',
        'matches',
        String.raw`storage|flash|disk|\bssd\b|portable|passport|data ?traveler|cruzer|ultra usb|thumb|\bmtp\b`,
        String.raw`\b(?:sd|mmc|memory|multi)[ -]?card|\bsd/mmc\b`,
      ),
    ),
    when(
      'fileTransfer',
      'A file of more than 10 MB was transferred from the host to the client',
      RECORD,
      text('fileSource', 'equals', 'host'),
      above('fileSize', 10),
    ),
    when(
      'fileMove',
      'A file was moved to a drive of the client',
      RECORD,
      text('destinationPath', 'includes', ...DRIVES_OF_CLIENT),
    ),
    when(
      'fileCreate',
      'A file was written to a drive of the client',
      RECORD,
      text('path', 'includes', ...DRIVES_OF_CLIENT),
    ),
  ),
  template(
    'clipboard-exfiltration',
    ['Exfiltration through the clipboard', 'Data exfiltration'],
    'Copied files, private keys, access keys and card numbers.',
    when('clipboardOperation', 'Files were copied', RECORD, text('dataType', 'equals', 'file')),
    when(
      'clipboardOperation',
      'A private key or an access key was copied',
      RECORD,
      text(
        'content',
        'matches',
        '-----BEGIN [A-Z ]*PRIVATE KEY(?: BLOCK)?-----|PuTTY-User-Key-File-',
        // Access keys of Amazon, GitHub, Azure Storage and Slack.
        String.raw`\b(?:AKIA|ASIA)[0-9A-Z]{16}\b`,
        String.raw`\b(?:gh[pousr]_[a-z0-9]{36}|github_pat_[a-z0-9_]{60})`,
        String.raw`\bAccountKey=[a-z0-9+/]{80}`,
        String.raw`\bxox[abprs]-[0-9a-z-]{20}`,
      ),
    ),
    when(
      'clipboardOperation',
      'A possible payment card number was copied',
      RECORD,
      text(
        'content',
        'matches',
        String.raw`\b(?:4\d{3}|5[1-5]\d{2}|2[2-7]\d{2}|6011|65\d{2}|35\d{2})(?:[ -]?\d{4}){3}\b`,
        String.raw`\b3[47]\d{2}[ -]?\d{6}[ -]?\d{5}\b`,
      ),
    ),
  ),
  template(
    'webmail-and-file-sharing',
    ['Webmail and file sharing', 'Data exfiltration'],
    'Websites to which data can be sent.',
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
    'Commands that delete whole folders, shadow copies or backups, and deletions of large files.',
    when(
      'appStart',
      'Shadow copies or backups are being deleted',
      [...RECORD, 'lockSession'],
      text(
        'commandLine',
        'matches',
        String.raw`\bvssadmin(?:\.exe)?"?\s+(?:delete|resize)\s+shadow`,
        // vssadmin under any file name.
        String.raw`\bdelete\s+shadows\s+/(?:all|for|oldest|shadow)`,
        String.raw`\bshadowcopy\b.*\b(?:delete|remove)\b`,
        String.raw`\bwin32_shadowcopy\b.*(?:\.delete\(|\bremove-)`,
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
        commandPattern(String.raw`(?:rd|rmdir|del|erase)(?:[\s/][^&|]*)?/s\b`),
        commandPattern(
          String.raw`(?:remove-item|ri|rm|rd|rmdir|del|erase)\s[^;|&]*-(?:rf|fr|r(?:ec[a-z]*)?)\b`,
        ),
        String.raw`\brm\.exe"?\s[^;|&]*-(?:rf|fr|r)\b`,
        String.raw`\bsdelete(?:64)?(?:\.exe)?\b`,
        String.raw`\bcipher(?:\.exe)?"?\s+/w:`,
        String.raw`(?:^|[\s"&|(\\])format(?:\.com)?"?\s+[a-z]:(?:\s|"|$)`,
      ),
    ),
    when('fileDelete', 'A file of more than 1 GB was deleted', RECORD, above('fileSize', 1024)),
  ),
];
