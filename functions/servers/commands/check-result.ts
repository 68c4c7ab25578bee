/** Whether the result of a command is the result of this command: its data are of its kind, and about what it asked for. */
import { isDeepStrictEqual } from 'node:util';
import { compareVersions, parseVersion } from '../../../shared/pure/versions';
import { Problem } from '../../../shared/problem';
import type { Command, CommandEnd } from './command';
import { COMMAND_KIND_TABLE, type CommandData, kindSpec } from './command-kinds';

/** A member of the data that does not fit, and what is expected there. */
interface Mismatch {
  pointer: string;
  detail: string;
}

/** @throws Problem `validation-failed` unless a successful result has the data of the command's kind, for this command */
export function checkResult(
  command: Pick<Command, 'kind' | 'parameters'>,
  { status, data }: CommandEnd,
): void {
  const { kind, parameters } = command;
  const expectsData = kindSpec(kind).data !== undefined;
  if (data === undefined && (status !== 'succeeded' || !expectsData)) return;
  if (data === undefined)
    throw refused({ pointer: '/data', detail: `The result of ${kind} has data of this kind.` });
  if (!expectsData) throw refused({ pointer: '/data', detail: `The result of ${kind} has no data.` });
  if (data.kind !== kind)
    throw refused({ pointer: '/data/kind', detail: `The result of ${kind} has data of this kind.` });
  const mismatch = mismatchOf(data, parameters);
  if (mismatch) throw refused(mismatch);
}

function refused(mismatch: Mismatch): Problem {
  return new Problem(
    'validation-failed',
    'The result does not fit the command and is not recorded: report what this command has done, or that it failed.',
    { errors: [mismatch] },
  );
}

const asked = {
  testConnection: COMMAND_KIND_TABLE.testConnection.storedParameters,
  install: COMMAND_KIND_TABLE.install.storedParameters,
  upgrade: COMMAND_KIND_TABLE.upgrade.storedParameters,
  checkServices: COMMAND_KIND_TABLE.checkServices.parameters,
  restartService: COMMAND_KIND_TABLE.restartService.parameters,
  readRegistry: COMMAND_KIND_TABLE.readRegistry.parameters,
  writeRegistry: COMMAND_KIND_TABLE.writeRegistry.parameters,
  archiveFile: COMMAND_KIND_TABLE.archiveFile.parameters,
};

/** What the data say of something else than the command asked for. */
function mismatchOf(data: CommandData, parameters: unknown): Mismatch | undefined {
  switch (data.kind) {
    case 'testConnection': {
      const { recordingDatabase, loggingDatabase } = asked.testConnection.parse(parameters);
      return unless(
        isPartOf(data.existingDatabases, [recordingDatabase, loggingDatabase]),
        '/data/existingDatabases',
        `Only ${recordingDatabase} and ${loggingDatabase} were asked for.`,
      );
    }
    case 'install': {
      const { serverVersion } = asked.install.parse(parameters);
      const isAsked = order(data.serverVersion, serverVersion) === 0;
      return unless(isAsked, '/data/serverVersion', `Version ${serverVersion} was to be installed.`);
    }
    case 'upgrade': {
      const { clientVersion } = asked.upgrade.parse(parameters);
      // An older one says that the upgrade has failed.
      const isAsked = (order(data.clientVersion, clientVersion) ?? 1) <= 0;
      return unless(isAsked, '/data/clientVersion', `Version ${clientVersion} was to be installed.`);
    }
    case 'checkServices':
      return otherServices(data.services, asked.checkServices.parse(parameters).services);
    case 'restartService':
      return otherService(data.service, asked.restartService.parse(parameters).service);
    case 'readRegistry': {
      const names = asked.readRegistry.parse(parameters).values.map(registryName);
      const isAsked = isSameSet(data.values.map(registryName), names);
      return unless(isAsked, '/data/values', 'It has each value that was asked for, and no other.');
    }
    case 'writeRegistry':
      return otherValue(data, asked.writeRegistry.parse(parameters));
    case 'archiveFile': {
      const { location } = asked.archiveFile.parse(parameters);
      return unless(
        isInFolder(data.path, location),
        '/data/path',
        `The file was to be moved to ${location}.`,
      );
    }
    default:
      return undefined;
  }
}

function unless(isAsked: boolean, pointer: string, detail: string): Mismatch | undefined {
  return isAsked ? undefined : { pointer, detail };
}

function otherServices(found: readonly { name: string }[], names: readonly string[]): Mismatch | undefined {
  const isAsked = isSameSet(
    found.map(({ name }) => name),
    names,
  );
  return unless(
    isAsked,
    '/data/services',
    `It has the state of each of ${names.join(', ')}, and of no other.`,
  );
}

function otherService(found: { name: string; state: string }, name: string): Mismatch | undefined {
  if (found.name !== name)
    return { pointer: '/data/service/name', detail: `The service to be restarted was ${name}.` };
  const detail =
    'A restart is successful when the service is running afterwards: else report that it failed.';
  return unless(found.state === 'running', '/data/service/state', detail);
}

type WrittenValue = Extract<CommandData, { kind: 'writeRegistry' }>;

function otherValue(
  found: WrittenValue,
  wanted: Pick<WrittenValue, 'key' | 'name'> & { value: WrittenValue['new'] },
): Mismatch | undefined {
  if (registryName(found) !== registryName(wanted))
    return { pointer: '/data/name', detail: `The value to be written was ${wanted.key}\\${wanted.name}.` };
  const isAsked = isDeepStrictEqual(found.new, wanted.value);
  return unless(isAsked, '/data/new', 'It is what was to be written.');
}

/** Names that are the same to Windows are equal. */
function registryName({ key, name }: { key: string; name: string }): string {
  return `${key}\\${name.toLowerCase()}`;
}

/** Negative when `found` is the older version, 0 when both are the same; undefined for what is no version. */
function order(found: string, wanted: string): number | undefined {
  const [one, other] = [parseVersion(found), parseVersion(wanted)];
  return one && other && compareVersions(one, other);
}

function isPartOf(found: readonly string[], names: readonly string[]): boolean {
  const known = new Set(names.map((name) => name.toLowerCase()));
  return found.every((name) => known.has(name.toLowerCase()));
}

function isSameSet(found: readonly string[], names: readonly string[]): boolean {
  return found.length <= names.length && isPartOf(found, names) && isPartOf(names, found);
}

function isInFolder(path: string, folder: string): boolean {
  const [file, parent] = [path, folder].map((text) => text.toLowerCase().replaceAll('/', '\\'));
  const isBelow = file?.startsWith(`${parent?.replace(/\\+$/, '') ?? ''}\\`) ?? false;
  return isBelow && !file?.split('\\').includes('..');
}
