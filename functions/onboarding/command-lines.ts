/**
 * The command line of the Windows Installer for each place where it can be entered, so that every value arrives
 * unchanged: the installer's own rule within, the rules of cmd.exe or PowerShell around it. What a place cannot pass on
 * safely is refused with the reason.
 */
import { powershellLiteral } from '../../arm-templates/package/quoting';

/** The name of the installer while no package is published. */
export const PACKAGE_FILE_NAME = 'SRCloudClientService.msi';

/** A value that the installer gets, and where it comes from. */
export interface InstallerProperty {
  name: string;
  /** One line of text. */
  value: string;
  /** JSON pointer to the field of the request. */
  pointer: string;
}

export interface Installation {
  /** Of the installer, in the current folder: a name that needs no quotation marks. */
  fileName: string;
  properties: readonly InstallerProperty[];
  /** Path of a verbose log; without quotation marks. */
  logPath?: string | undefined;
}

export interface Refusal {
  pointer: string;
  detail: string;
}

/** What can be entered there, or why nothing can. */
export type CommandText = { text: string } | { refusals: Refusal[] };

export interface InstallCommands {
  commandPrompt: CommandText;
  batchFile: CommandText;
  powershell: CommandText;
}

/** The longest line that cmd.exe reads: https://learn.microsoft.com/troubleshoot/windows-client/shell-experience/command-line-string-limitation. */
const MAX_CMD_CHARACTERS = 8_191;
/** The longest command line of a process: https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-createprocessw. */
const MAX_PROCESS_CHARACTERS = 32_766;

/** The commands that install the cloud client, for each place. */
export function installCommands(installation: Installation): InstallCommands {
  const line = installerArguments(installation);
  return {
    commandPrompt: forCommandPrompt(installation, `msiexec ${line}`),
    batchFile: forBatchFile(`msiexec ${line}`),
    powershell: forPowershell(line),
  };
}

/**
 * The arguments as the installer reads them: a quotation mark within a value is doubled, and a backslash is nothing
 * special (https://learn.microsoft.com/windows/win32/msi/command-line-options).
 */
function installerArguments({ fileName, properties, logPath }: Installation): string {
  const values = properties.map(({ name, value }) => `${name}=${quoted(value)}`);
  return [
    `/i ${fileName}`,
    ...values,
    ...(logPath === undefined ? [] : [`/l*v ${quoted(logPath)}`]),
    '/qn+',
  ].join(' ');
}

function quoted(value: string): string {
  return `"${value.replaceAll('"', '""')}"`;
}

/**
 * Within quotation marks cmd.exe changes nothing but variables, and a doubled mark leaves the quotation and returns to
 * it at once. At a prompt neither `%` nor, where delayed expansion is on, `!` has an escape that always works.
 */
function forCommandPrompt({ properties, logPath = '' }: Installation, command: string): CommandText {
  const values = [...properties, { value: logPath, pointer: '/logPath' }];
  const refusals = values.flatMap(({ value, pointer }) => {
    const found = /[%!]/.exec(value)?.[0];
    if (found === undefined) return [];
    const detail = `A command prompt can read ${found} as the mark of a variable, and has no way to write it safely: use the batch file or PowerShell.`;
    return [{ pointer, detail }];
  });
  return refusals.length > 0 ? { refusals } : atMost(MAX_CMD_CHARACTERS, command, command);
}

/**
 * A batch file reads `%%` as `%`, its own settings turn delayed expansion off, and it is read in the code page that is
 * active: UTF-8 where that makes a difference.
 */
function forBatchFile(command: string): CommandText {
  const line = command.replaceAll('%', '%%');
  const isAscii = /^[ -~]*$/.test(line);
  const lines = [
    '@echo off',
    'setlocal DisableDelayedExpansion',
    ...(isAscii ? [] : ['chcp 65001 >nul']),
    line,
  ];
  return atMost(MAX_CMD_CHARACTERS, line, `${lines.join('\r\n')}\r\n`);
}

/** `Start-Process` passes one text on as it is; PowerShell would quote arguments of its own by other rules. */
function forPowershell(line: string): CommandText {
  const text = `Start-Process -FilePath 'msiexec.exe' -Wait -ArgumentList ${powershellLiteral(line)}`;
  return atMost(MAX_PROCESS_CHARACTERS, line, text);
}

function atMost(maximum: number, measured: string, text: string): CommandText {
  if (measured.length <= maximum) return { text };
  const detail = `The command has ${measured.length} characters, and at most ${maximum} are read: shorten its values.`;
  return { refusals: [{ pointer: '', detail }] };
}
