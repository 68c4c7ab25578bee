/**
 * Virtual machines and the resources that are created and deleted with them.
 * https://learn.microsoft.com/rest/api/compute/virtual-machines/create-or-update (rules of names and passwords) and
 * https://learn.microsoft.com/azure/virtual-machines/delete (`deleteOption`)
 */
import { createHash, createHmac, randomBytes, randomUUID } from 'node:crypto';
import { isObject, type Value, type ValueObject } from '../../expressions/values';
import { type StoredResource } from '../../store';
import { at, type Draft, objectAt, objectsAt, textAt } from '../draft';
import { badRequest, conflict, kindsOfCharacters, type RuleContext, type Rules } from './rule';

const forbiddenUsers =
  'administrator admin user user1 test user2 test1 user3 admin1 1 123 a actuser adm admin2 aspnet backup console david ' +
  'guest john owner root server sql support support_388945a0 sys test2 test3 user4 user5';
const forbiddenPasswords =
  'abc@123 P@$$w0rd P@ssw0rd P@ssword123 Pa$$word pass@word1 Password! Password1 Password22 iloveyou!';

export const computeRules: Rules = {
  'microsoft.compute/virtualmachines': {
    check: checkMachine,
    complete: ({ properties, existing, id }) => ({
      vmId: textAt(existing?.body, 'properties', 'vmId') ?? randomUUID(),
      timeCreated: textAt(existing?.body, 'properties', 'timeCreated') ?? new Date().toISOString(),
      storageProfile: withDiskIds(id, properties),
    }),
    made: (draft, context) => {
      keepDisks(draft, context);
      rememberPassword(draft, context);
    },
    deleted: (resource, context) => {
      discardWithMachine(resource, context);
      passwordsOf(context).delete(resource.id.toLowerCase());
    },
  },
  'microsoft.compute/virtualmachines/extensions': { check: checkExtension },
  'microsoft.compute/virtualmachines/runcommands': { check: refuseFailedCommand },
};

/** https://learn.microsoft.com/azure/azure-resource-manager/management/tag-resources#limitations */
const maxTagCharacters = 2_048;

function checkTags({ body }: Draft): void {
  const tags = isObject(body.tags) ? body.tags : {};
  const characters = Object.entries(tags).reduce(
    (sum, [name, value]) => sum + name.length + (typeof value === 'string' ? value.length : 0),
    0,
  );
  if (characters <= maxTagCharacters) return;
  throw badRequest(
    'InvalidParameter',
    `The tags of a virtual machine have at most ${maxTagCharacters} characters in total; these have ${characters}.`,
    'tags',
  );
}

/** Hashes of passwords, with a key that ends with the process: enough to tell whether one has changed. */
const passwords = new WeakMap<RuleContext['store'], Map<string, string>>();
const passwordKey = randomBytes(32);
const hashOf = (password: string): string => createHmac('sha256', passwordKey).update(password).digest('hex');

function passwordsOf({ store }: RuleContext): Map<string, string> {
  const known = passwords.get(store) ?? new Map<string, string>();
  passwords.set(store, known);
  return known;
}

function rememberPassword({ id, properties }: Draft, context: RuleContext): void {
  const password = textAt(properties, 'osProfile', 'adminPassword');
  if (password !== undefined) passwordsOf(context).set(id.key, hashOf(password));
}

/** What a machine was created with stays. */
function refuseChange({ id, body, properties, existing }: Draft, context: RuleContext): void {
  if (existing === undefined) return;
  const password = textAt(properties, 'osProfile', 'adminPassword');
  const known = passwordsOf(context).get(id.key);
  const before = (...path: string[]): Value | undefined => at(existing.body, ...path);
  const changed: [string, boolean][] = [
    ['adminPassword', password !== undefined && known !== undefined && known !== hashOf(password)],
    [
      'adminUsername',
      at(properties, 'osProfile', 'adminUsername') !== undefined &&
        at(properties, 'osProfile', 'adminUsername') !== before('properties', 'osProfile', 'adminUsername'),
    ],
    ['zones', JSON.stringify(body.zones ?? null) !== JSON.stringify(before('zones') ?? null)],
  ];
  const target = changed.find(([, isChanged]) => isChanged)?.[0];
  if (target === undefined) return;
  throw conflict('PropertyChangeNotAllowed', `Changing property '${target}' is not allowed.`, target);
}

/** The Entra sign-in extension gets its token from the machine's own identity. */
function checkExtension({ id, properties }: Draft, { store }: RuleContext): void {
  if (textAt(properties, 'type') !== 'AADLoginForWindows') return;
  const machine = store.resources.get(id.parentId ?? '');
  if (/systemassigned/i.test(textAt(machine?.body, 'identity', 'type') ?? '')) return;
  throw conflict(
    'VMExtensionProvisioningError',
    `VM has reported a failure when processing extension '${id.name}' (publisher 'Microsoft.Azure.ActiveDirectory' and ` +
      "type 'AADLoginForWindows'). Error message: 'AAD Join failed: the machine has no system-assigned identity.'.",
  );
}

/** A command whose definition is unchanged does not run again: a failed one stays failed under its name. */
function refuseFailedCommand({ id, properties, existing }: Draft): void {
  if (textAt(existing?.body, 'properties', 'provisioningState') !== 'Failed') return;
  const definition = (value: Value | undefined): string =>
    JSON.stringify([at(value, 'source') ?? null, at(value, 'parameters') ?? null]);
  if (definition(at(existing?.body, 'properties')) !== definition(properties)) return;
  throw conflict(
    'VMExtensionProvisioningError',
    `VM has reported a failure when processing run command '${id.name}': its definition has not changed since it failed.`,
  );
}

function checkMachine(draft: Draft, context: RuleContext): void {
  const { properties, existing } = draft;
  checkTags(draft);
  const required = existing === undefined ? [['hardwareProfile', 'vmSize']] : [];
  for (const path of required) {
    if (at(properties, ...path) === undefined) {
      throw badRequest(
        'InvalidParameter',
        `Required parameter '${path.join('.')}' is missing (null).`,
        path.join('.'),
      );
    }
  }
  const isFromImage = textAt(properties, 'storageProfile', 'osDisk', 'createOption') === 'FromImage';
  const profile = at(properties, 'osProfile');
  if (profile === undefined && isFromImage && existing === undefined) {
    throw badRequest('InvalidParameter', "Required parameter 'osProfile' is missing (null).", 'osProfile');
  }
  const isWindows =
    at(profile, 'windowsConfiguration') !== undefined ||
    textAt(properties, 'storageProfile', 'osDisk', 'osType') === 'Windows' ||
    textAt(properties, 'storageProfile', 'imageReference', 'publisher') === 'MicrosoftWindowsServer';
  checkComputerName(textAt(profile, 'computerName'), isWindows);
  checkUser(textAt(profile, 'adminUsername'), isWindows);
  checkPassword(textAt(profile, 'adminPassword'), isWindows);
  refuseChange(draft, context);
}

function checkComputerName(name: string | undefined, isWindows: boolean): void {
  if (name === undefined || !isWindows || (name.length <= 15 && !/^\d+$/.test(name))) return;
  throw badRequest(
    'InvalidParameter',
    'Windows computer name cannot be more than 15 characters long, be entirely numeric, or contain the following ' +
      'characters: ` ~ ! @ # $ % ^ & * ( ) = + _ [ ] { } \\ | ; : . \' " , < > / ?.',
    'computerName',
  );
}

function checkUser(user: string | undefined, isWindows: boolean): void {
  if (user === undefined) return;
  const isForbidden = forbiddenUsers.split(' ').includes(user.toLowerCase()) || user.endsWith('.');
  if (!isForbidden && user.length <= (isWindows ? 20 : 64)) return;
  throw badRequest(
    'InvalidParameter',
    'The Admin Username specified is not allowed. For more information about disallowed usernames, see ' +
      'https://aka.ms/vmosprofile',
    'adminUsername',
  );
}

function checkPassword(password: string | undefined, isWindows: boolean): void {
  if (password === undefined) return;
  const [shortest, longest] = isWindows ? [8, 123] : [6, 72];
  const isControl = [...password].some((character) => character < ' ');
  if (
    password.length < shortest ||
    password.length > longest ||
    isControl ||
    kindsOfCharacters(password) < 3
  ) {
    throw badRequest(
      'InvalidParameter',
      `The supplied password must be between ${shortest}-${longest} characters long and must satisfy at least 3 of ` +
        'password complexity requirements from the following:\r\n1) Contains an uppercase character\r\n2) Contains a ' +
        'lowercase character\r\n3) Contains a numeric digit\r\n4) Contains a special character\r\n5) Control ' +
        'characters are not allowed',
      'adminPassword',
    );
  }
  if (forbiddenPasswords.split(' ').includes(password)) {
    throw badRequest(
      'InvalidParameter',
      'The supplied password contains a disallowed value: choose another one.',
      'adminPassword',
    );
  }
}

/** First that of the operating system. */
function allDisks(properties: Value | undefined): ValueObject[] {
  return [
    objectAt(properties, 'storageProfile', 'osDisk'),
    ...objectsAt(properties, 'storageProfile', 'dataDisks'),
  ];
}

/** The machine's managed disks: names as given, or made up as Azure does. */
function disksOf(id: Draft['id'], properties: ValueObject): { disk: ValueObject; diskId: string }[] {
  const made = createHash('sha256').update(id.key).digest('hex').slice(0, 32);
  return allDisks(properties).map((disk, index) => {
    const usual = index === 0 ? `${id.name}_OsDisk_1_${made}` : `${id.name}_DataDisk_${index - 1}`;
    const name = textAt(disk, 'name') ?? usual;
    const given = textAt(disk, 'managedDisk', 'id');
    return {
      disk: { ...disk, name },
      diskId: given ?? `${id.scope}/providers/Microsoft.Compute/disks/${name}`,
    };
  });
}

function withDiskIds(id: Draft['id'], properties: ValueObject): ValueObject {
  const disks = disksOf(id, properties).map(({ disk, diskId }) => ({
    ...disk,
    managedDisk: { ...objectAt(disk, 'managedDisk'), id: diskId },
  }));
  const [osDisk, ...dataDisks] = disks;
  return {
    ...objectAt(properties, 'storageProfile'),
    ...(osDisk === undefined ? {} : { osDisk }),
    ...(dataDisks.length === 0 ? {} : { dataDisks }),
  };
}

function keepDisks({ id, body, properties }: Draft, { store, keep }: RuleContext): void {
  for (const { disk, diskId } of disksOf(id, properties)) {
    if (store.resources.get(diskId) !== undefined) continue;
    keep(diskId, {
      location: body.location ?? null,
      tags: body.tags ?? {},
      managedBy: id.id,
      sku: { name: textAt(disk, 'managedDisk', 'storageAccountType') ?? 'Standard_LRS' },
      properties: { diskState: 'Attached', diskSizeGB: at(disk, 'diskSizeGB') ?? 127 },
    });
  }
}

/** Disks and network interfaces stay, unless their `deleteOption` says otherwise. */
function discardWithMachine({ body }: StoredResource, { discard }: RuleContext): void {
  for (const disk of allDisks(at(body, 'properties'))) {
    const id = textAt(disk, 'managedDisk', 'id');
    if (textAt(disk, 'deleteOption') === 'Delete' && id !== undefined) discard(id);
  }
  for (const nic of objectsAt(body, 'properties', 'networkProfile', 'networkInterfaces')) {
    const id = textAt(nic, 'id');
    if (textAt(nic, 'properties', 'deleteOption') === 'Delete' && id !== undefined) discard(id);
  }
}
