/** Command lines of the installer, read as cmd.exe, PowerShell and the Windows Installer read them. */
import fc from 'fast-check';
import { parsePowershell } from '../../tests/support/parse-powershell';
import {
  commandOfBatchFile,
  readByCmd,
  readByInstaller,
  readPowershellText,
} from '../../tests/support/windows-command-lines';
import { type CommandText, installCommands } from './command-lines';

const NAMES = ['CUSTOMERID', 'CLIENTID', 'CLIENTSECRET', 'PROXYSERVER', 'PROXYSCRIPT', 'PROXYBYPASS'];
/** One line of whatever can be typed or pasted, with much of what shells treat specially. */
const hostile = fc
  .array(
    fc.oneof(
      fc.constantFrom(
        ...'"%&^!\'`$\\|<>(){}[];,=@#~*?+/- ',
        '""',
        '\\"',
        '%PATH%',
        '!x!',
        '^"',
        '$(x)',
        '&&',
      ),
      fc.constantFrom('é', 'ß', '\u2018', '\u2019', '\u201c', '\u201d', '\u201a', '中', '😀', '\u00a0'),
      fc.string({ unit: 'grapheme', minLength: 1, maxLength: 3 }),
    ),
    { maxLength: 24 },
  )
  .map((parts) => parts.join('').replaceAll(/[\p{Cc}\u2028\u2029]|\p{Surrogate}/gu, ''))
  .filter((value) => value !== '');

const textOf = (command: CommandText): string => {
  if ('refusals' in command) throw new Error(JSON.stringify(command.refusals));
  return command.text;
};
const arguments_ = (command: string) => {
  expect(command.startsWith('msiexec ')).toBe(true);
  return command.slice('msiexec '.length);
};
const commandsFor = (values: readonly string[], logPath?: string) =>
  installCommands({
    fileName: 'SRCloudClientService.msi',
    properties: values.map((value, index) => ({ name: NAMES[index] ?? '', value, pointer: `/${index}` })),
    logPath,
  });
const arrived = (commandLine: string) => [...readByInstaller(commandLine).properties.values()];
/** What `Start-Process` gets as the one argument list. */
function argumentList(text: string): string {
  const prefix = "Start-Process -FilePath 'msiexec.exe' -Wait -ArgumentList ";
  expect(text.startsWith(prefix)).toBe(true);
  const source = text.slice(prefix.length);
  if (source.startsWith("'")) {
    const { value, rest } = readPowershellText(source);
    expect(rest).toBe('');
    return value;
  }
  const { value, rest } = readPowershellText(source.slice('(ConvertFrom-Json '.length));
  expect(rest).toBe(').text');
  return (JSON.parse(value) as { text: string }).text;
}

const manyValues = fc.array(hostile, { minLength: 1, maxLength: NAMES.length });

it('ONB-1: every value arrives unchanged through PowerShell', () => {
  fc.assert(
    fc.property(manyValues, (values) => {
      const text = textOf(commandsFor(values).powershell);
      // Whatever the code page in which a script or a console reads it.
      expect(text).toMatch(/^[ -~]*$/);
      expect(arrived(argumentList(text))).toEqual(values);
    }),
    { numRuns: 500 },
  );
});

it('ONB-1: every value arrives unchanged through a batch file', () => {
  fc.assert(
    fc.property(manyValues, (values) => {
      const command = commandOfBatchFile(textOf(commandsFor(values).batchFile));
      expect(arrived(arguments_(readByCmd(command, 'batchFile')))).toEqual(values);
    }),
    { numRuns: 500 },
  );
});

it('ONB-1: every value arrives unchanged through a command prompt, or is refused with its place', () => {
  fc.assert(
    fc.property(manyValues, (values) => {
      const command = commandsFor(values).commandPrompt;
      if ('text' in command) {
        expect(arrived(arguments_(readByCmd(command.text, 'prompt')))).toEqual(values);
        return;
      }
      const unsafe = values.flatMap((value, index) => (/[%!]/.test(value) ? [`/${index}`] : []));
      expect(command.refusals.map(({ pointer }) => pointer)).toEqual(unsafe);
      expect(unsafe).not.toEqual([]);
    }),
    { numRuns: 500 },
  );
});

it('ONB-1: is one statement for PowerShell whatever the values', async () => {
  for (const value of ['a', `'; Remove-Item x #`, '\u2019; Remove-Item x', '"$(x)`', 'é"\\']) {
    const root = await parsePowershell(textOf(commandsFor([value]).powershell));
    const commands = root.descendantsOfType('command_name').map((node) => node?.text);
    expect(commands.filter((name) => name !== 'ConvertFrom-Json')).toEqual(['Start-Process']);
  }
});

it('ONB-1: quotes as msiexec reads: a quotation mark is doubled, a backslash at the end is a backslash', () => {
  const { commandPrompt } = commandsFor(['a"b', 'c\\'], 'C:\\Logs\\cloud client.log');
  expect(textOf(commandPrompt)).toBe(
    'msiexec /i SRCloudClientService.msi CUSTOMERID="a""b" CLIENTID="c\\" /l*v "C:\\Logs\\cloud client.log" /qn+',
  );
  expect(readByInstaller(arguments_(textOf(commandPrompt)))).toEqual({
    options: new Map([
      ['/i', 'SRCloudClientService.msi'],
      ['/l*v', 'C:\\Logs\\cloud client.log'],
      ['/qn+', ''],
    ]),
    properties: new Map([
      ['CUSTOMERID', 'a"b'],
      ['CLIENTID', 'c\\'],
    ]),
  });
});

it('ONB-1: refuses a line that is longer than cmd.exe reads, and leaves it to PowerShell', () => {
  const { commandPrompt, batchFile, powershell } = commandsFor(['"'.repeat(4_090)]);
  const tooLong = { refusals: [{ pointer: '', detail: expect.stringContaining('8191') as string }] };
  expect([commandPrompt, batchFile]).toEqual([tooLong, tooLong]);
  expect(arrived(argumentList(textOf(powershell)))).toEqual(['"'.repeat(4_090)]);
  expect(commandsFor(['"'.repeat(20_000)]).powershell).toEqual({
    refusals: [{ pointer: '', detail: expect.stringContaining('32766') as string }],
  });
});
