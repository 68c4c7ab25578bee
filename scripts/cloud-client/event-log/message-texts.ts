/** What the rendered messages of the Application log say, in the languages of Windows. */
import { type Fields } from './log-record';

/** Windows Installer: done; done, a restart is needed; done, a restart has begun. */
const INSTALLER_SUCCESS = ['0', '3010', '1641'];

/** `Product: NAME -- Installation completed successfully.`, in any language. */
export function productOfResult(fields: Fields, message: string): string | undefined {
  const text = fields.Text ?? message;
  return /^[^:：]+[:：]\s*(.+?)\s+--\s/.exec(text)?.[1];
}

/** `… Product Name: NAME. Product Version: 1.2. … status: 0.`, in any language, where the values have no names. */
export function productOf(fields: Fields, message: string): string | undefined {
  return fields.ProductName ?? /^[^:：]*[:：]\s*(.+?)\.\s+[^:：.]+[:：]\s/.exec(message)?.[1];
}

export function hasSucceeded(fields: Fields, message: string): boolean {
  const status = fields.Status ?? /(\d+)\.?\s*$/.exec(message)?.[1];
  return status === undefined || INSTALLER_SUCCESS.includes(status);
}

/** What stands before a program's name where no colon does: French Windows, and Windows XP. */
const BEFORE_CRASHED = /^(?:Nom de l[’'´]application d[ée]faillante|Faulting application)\s+/i;
/** A file's name at the end of a text. */
const FILE_AT_END = /(\S+\.[a-z][a-z0-9]{1,3})$/i;

/** `Faulting application name: NAME, version: …`: the name is between the colon and the first comma. */
export function crashedApp(message: string): string | undefined {
  const [first = ''] = message.split(/[,，、\r\n]/, 1);
  const afterColon = /[:：]\s*(.+)$/.exec(first)?.[1];
  if (afterColon !== undefined) return afterColon.trim();
  const named = first.replace(BEFORE_CRASHED, '').trim();
  return named === first.trim() ? FILE_AT_END.exec(named)?.[1] : named;
}

/** `The program NAME version 1.2 stopped interacting …`, in languages of the same order. */
const HUNG =
  /^(?:The program|Le programme|Das Programm|Programm|El programa|Il programma|O programa|Program)\s+(.+?),?\s+(?:version|versión|versione|versão|version|wersja|verze)\s/i;
/** In the others, the first file that the text names. */
const FIRST_FILE = /(?:^|[\s"„“«])([^\s"„“«:]+\.(?:exe|com|scr|dll))(?=[\s,，、"“”»]|$)/i;

export function hungApp(message: string): string | undefined {
  return (HUNG.exec(message) ?? FIRST_FILE.exec(message))?.[1];
}
