/** Names of programs as events have them: with or without their folder, in any case. Pure. */

const MAX_CHARACTERS = 128;

/** The file name of a program; undefined when there is none. */
export function programOf(appName: unknown): string | undefined {
  if (typeof appName !== 'string') return undefined;
  const file = appName.slice(Math.max(appName.lastIndexOf('\\'), appName.lastIndexOf('/')) + 1).trim();
  if (file === '') return undefined;
  if (file.length <= MAX_CHARACTERS) return file;
  return [...file.slice(0, 2 * MAX_CHARACTERS)].slice(0, MAX_CHARACTERS).join('');
}

/** The same text for names of the same program. */
export function programKey(program: string): string {
  return program.toLowerCase();
}
