/**
 * For tests: how Windows reads a command line, written from the documentation of each program and not from the code that
 * makes command lines. cmd.exe at its prompt and in a batch file, PowerShell's string literals, and the Windows Installer.
 */

/** What cmd.exe starts for one line, with no variable defined; or a fault where it would do anything else. */
export function readByCmd(line: string, where: 'prompt' | 'batchFile'): string {
  if (/[\r\n\0]/.test(line)) throw new Error('more than one line');
  if (line.length > 8_191) throw new Error('longer than cmd.exe reads');
  const expanded = where === 'batchFile' ? expandInBatchFile(line) : expandAtPrompt(line);
  let read = '';
  let isQuoted = false;
  for (let at = 0; at < expanded.length; at++) {
    const character = expanded.charAt(at);
    if (character === '"') isQuoted = !isQuoted;
    if (!isQuoted && '&|<>()@'.includes(character))
      throw new Error(`${character} outside of quotation marks`);
    if (!isQuoted && character === '^') {
      at++;
      read += expanded.charAt(at);
    } else read += character;
  }
  return read;
}

/** Any pair of `%` can enclose the name of a variable of the machine; so can a pair of `!`, where that is switched on. */
function expandAtPrompt(line: string): string {
  if (/[%!]/.test(line)) throw new Error('may name a variable');
  return line;
}

/** `%%` is `%`; a single one begins a variable or an argument. */
function expandInBatchFile(line: string): string {
  return line.replaceAll(/%%|%/g, (found) => {
    if (found === '%') throw new Error('a single % in a batch file');
    return '%';
  });
}

/** The line of a batch file that starts something, as it is read in the code page and with the settings of the lines before. */
export function commandOfBatchFile(content: string): string {
  const lines = content.split('\r\n');
  if (lines.pop() !== '' || lines.some((line) => line.includes('\n')))
    throw new Error('not lines with CR LF');
  const command = lines.pop() ?? '';
  const isUtf8 = lines.includes('chcp 65001 >nul');
  if (!isUtf8 && /[^\x00-\x7f]/.test(content)) throw new Error('read in another code page');
  if (!lines.includes('setlocal DisableDelayedExpansion')) throw new Error('delayed expansion may be on');
  return command;
}

/** PowerShell takes each of these for the mark of a single-quoted text, and two of them within it for the first one. */
const SINGLE_QUOTES = "'\u2018\u2019\u201a\u201b";

/** The value of the single-quoted text at the beginning, and what follows it. */
export function readPowershellText(source: string): { value: string; rest: string } {
  if (!SINGLE_QUOTES.includes(source.charAt(0)) || source === '') throw new Error('no single-quoted text');
  let value = '';
  for (let at = 1; at < source.length; at++) {
    const character = source.charAt(at);
    if (!SINGLE_QUOTES.includes(character)) value += character;
    else if (at + 1 < source.length && SINGLE_QUOTES.includes(source.charAt(at + 1))) {
      value += character;
      at++;
    } else return { value, rest: source.slice(at + 1) };
  }
  throw new Error('the text does not end');
}

export interface ReadByInstaller {
  options: Map<string, string>;
  properties: Map<string, string>;
}

/**
 * What msiexec reads: words separated by spaces, `NAME=value` or `NAME="value"`. Within quotation marks two marks are
 * one, and a backslash is a backslash.
 */
export function readByInstaller(commandLine: string): ReadByInstaller {
  const read: ReadByInstaller = { options: new Map(), properties: new Map() };
  const words = wordsOf(commandLine);
  for (let at = 0; at < words.length; at++) {
    const word = words[at] ?? '';
    const property = /^([A-Z][A-Z0-9_]*)=(.*)$/s.exec(word);
    if (property) read.properties.set(property[1] ?? '', property[2] ?? '');
    else if (word === '/qn+') read.options.set(word, '');
    else if (word === '/i' || word === '/l*v') read.options.set(word, words[++at] ?? '');
    else throw new Error(`not understood: ${word}`);
  }
  return read;
}

function wordsOf(commandLine: string): string[] {
  const words: string[] = [];
  let word: string | undefined;
  let isQuoted = false;
  for (let at = 0; at < commandLine.length; at++) {
    const character = commandLine.charAt(at);
    if (character === '"' && isQuoted && commandLine.charAt(at + 1) === '"') {
      word = (word ?? '') + '"';
      at++;
    } else if (character === '"') {
      isQuoted = !isQuoted;
      word ??= '';
    } else if (character === ' ' && !isQuoted) {
      if (word !== undefined) words.push(word);
      word = undefined;
    } else word = (word ?? '') + character;
  }
  if (isQuoted) throw new Error('a quotation does not end');
  return word === undefined ? words : [...words, word];
}
