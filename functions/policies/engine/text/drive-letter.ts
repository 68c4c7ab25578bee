/** Drives as policies and events name them. */
import { foldText } from './case-folding';

const DRIVE = /^[a-z](:[\\/]?)?$/;

/** `D`, `D:`, `d:\` and `d:/` as `d`; any other text only case-folded. */
export function foldDrive(text: string): string {
  const folded = foldText(text);
  return DRIVE.test(folded) ? folded.charAt(0) : folded;
}

/** Whether the text is a drive letter, with or without colon and slash. */
export function isDrive(text: string): boolean {
  return DRIVE.test(foldText(text));
}
