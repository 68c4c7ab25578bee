import { readFileSync } from 'node:fs';
import path from 'node:path';
import { startTestArm, type TestArm } from '../../test-arm';
import { codeOf as code, idOf, location, quickly, resourceRequests } from '../../test-resources';

let arm: TestArm;
beforeAll(async () => {
  arm = await startTestArm();
  for (const name of ['rg', 'other'])
    await arm.client.resourceGroups.createOrUpdate(name, { location: 'westeurope' });
});
afterAll(() => arm.close());

const { put, get, remove, exists } = resourceRequests(() => arm);

describe('names that are taken in all of Azure', () => {
  it.each([
    [
      'Microsoft.Storage/storageAccounts',
      'taken1',
      { location, sku: { name: 'Standard_LRS' } },
      'StorageAccountAlreadyTaken',
    ],
    ['Microsoft.KeyVault/vaults', 'taken-kv', { location, properties: {} }, 'VaultAlreadyExists'],
    [
      'Microsoft.Sql/servers',
      'taken-sql',
      { location, properties: { administratorLogin: 'dba1', administratorLoginPassword: 'Long-enough-1' } },
      'NameAlreadyExists',
    ],
  ])('are refused elsewhere for %s, and may be written again', async (type, name, body, refused) => {
    await put(idOf(type, name), body);
    expect(await code(put(idOf(type, name, 'other'), body))).toBe(refused);
    expect(await code(put(idOf(type, name), body))).toBe('none');
  });
});

describe('vaults', () => {
  const vault = (name: string): string => idOf('Microsoft.KeyVault/vaults', name);
  const body = { location, properties: { enablePurgeProtection: true } };
  const purge = (name: string) =>
    arm.send(
      'POST',
      `/providers/Microsoft.KeyVault/locations/${location}/deletedVaults/${name}/purge?api-version=2024-11-01`,
    );

  it('keep their name after they were deleted, until they are recovered', async () => {
    await put(vault('soft-kv'), body);
    await remove(vault('soft-kv'));
    expect(await code(put(vault('soft-kv'), body))).toBe('ConflictError');
    const deleted = await arm.send(
      'GET',
      '/providers/Microsoft.KeyVault/deletedVaults?api-version=2024-11-01',
    );
    expect(deleted.body).toMatchObject({
      value: [{ name: 'soft-kv', properties: { purgeProtectionEnabled: true } }],
    });
    expect(await purge('soft-kv')).toMatchObject({ status: 405 });
    expect(await code(put(vault('soft-kv'), { location, properties: { createMode: 'recover' } }))).toBe(
      'none',
    );
  });

  it('without purge protection can be purged, and their name is free again', async () => {
    await put(vault('purged-kv'), { location, properties: {} });
    await remove(vault('purged-kv'));
    expect(await purge('purged-kv')).toMatchObject({ status: 200 });
    expect(await code(put(vault('purged-kv'), body))).toBe('none');
    const unprotected = { location, properties: { enablePurgeProtection: false } };
    expect(await code(put(vault('purged-kv'), unprotected))).toBe('BadRequest');
  });

  it('take secrets, and never show them', async () => {
    await put(vault('secret-kv'), body);
    const id = `${vault('secret-kv')}/secrets/s`;
    await put(id, { properties: { value: 'needle-in-the-store' } });
    expect(JSON.stringify(await get(id))).not.toContain('needle');
    const file = path.join(arm.azure.options.dataDir, 'azure.sqlite');
    for (const suffix of ['', '-wal'])
      expect(readFileSync(file + suffix).includes('needle-in-the-store')).toBe(false);
  });
});

describe('SQL servers', () => {
  const server = (login: string, password: string): Promise<unknown> =>
    put(idOf('Microsoft.Sql/servers', 'rules-sql'), {
      location,
      properties: { administratorLogin: login, administratorLoginPassword: password },
    });

  it.each([
    ['dba1', 'Short-1', 'PasswordTooShort'],
    ['dba1', 'onlylowercase', 'PasswordNotComplex'],
    ['dba1', 'Holds-DBA1-itself', 'PasswordNotComplex'],
    ['sa', 'Long-enough-1', 'InvalidLoginName'],
    ['dba1', 'Long-enough-1', 'none'],
  ])('%s with the password %s: %s', async (login, password, expected) => {
    expect(await code(server(login, password))).toBe(expected);
  });
});

describe('virtual machines', () => {
  const network = idOf('Microsoft.Network/virtualNetworks', 'vms');
  const nic = (name: string): string => idOf('Microsoft.Network/networkInterfaces', name);
  beforeAll(async () => {
    await put(network, {
      location,
      properties: { subnets: [{ name: 'machines', properties: { addressPrefix: '10.0.0.0/24' } }] },
    });
    const ipConfigurations = [{ name: 'ip', properties: { subnet: { id: `${network}/subnets/machines` } } }];
    for (const name of ['nic1', 'nic2']) await put(nic(name), { location, properties: { ipConfigurations } });
  });

  function machine(nicName: string, osProfile: object = {}, deleteOption = 'Delete'): object {
    return {
      location,
      tags: { site: 'one' },
      properties: {
        hardwareProfile: { vmSize: 'Standard_D4s_v3' },
        storageProfile: {
          imageReference: { publisher: 'MicrosoftWindowsServer' },
          osDisk: { createOption: 'FromImage', deleteOption },
        },
        osProfile: {
          computerName: 'machine',
          adminUsername: 'recadmin',
          adminPassword: 'Long-enough-1',
          ...osProfile,
        },
        networkProfile: { networkInterfaces: [{ id: nic(nicName), properties: { deleteOption } }] },
      },
    };
  }
  const vm = (name: string): string => idOf('Microsoft.Compute/virtualMachines', name);

  it.each([
    [{ adminPassword: 'alllowercase' }, 'adminPassword'],
    [{ adminPassword: 'P@ssw0rd' }, 'adminPassword'],
    [{ adminPassword: 'Sh0rt!' }, 'adminPassword'],
    [{ adminUsername: 'administrator' }, 'adminUsername'],
    [{ computerName: 'longer-than-fifteen' }, 'computerName'],
  ])('with %j are refused, and the refusal names what is wrong', async (profile, target) => {
    const refused = put(vm('refused'), machine('nic1', profile));
    await expect(refused).rejects.toMatchObject({ code: 'InvalidParameter', details: { error: { target } } });
  });

  it('need a network interface that is there', async () => {
    expect(await code(put(vm('refused'), machine('nowhere')))).toBe('InvalidResourceReference');
  });

  it('bring a disk, hide their password, and take disk and network interface with them', async () => {
    const made = await put(vm('whole'), machine('nic1'));
    expect(made.properties).toMatchObject({ osProfile: { adminUsername: 'recadmin' } });
    expect(JSON.stringify(made)).not.toContain('Long-enough-1');
    const disk = (made.properties as { storageProfile: { osDisk: { managedDisk: { id: string } } } })
      .storageProfile.osDisk.managedDisk.id;
    expect(await get(disk)).toMatchObject({ managedBy: vm('whole'), tags: { site: 'one' } });
    expect(await code(remove(nic('nic1')))).toBe('NicInUse');
    await remove(vm('whole'));
    expect([await exists(vm('whole')), await exists(disk), await exists(nic('nic1'))]).toEqual([
      false,
      false,
      false,
    ]);
  });

  it('leave them behind by default', async () => {
    await put(vm('kept'), machine('nic2', {}, 'Detach'));
    await remove(vm('kept'));
    expect(await exists(nic('nic2'))).toBe(true);
  });

  it('report how a run command ended, without its protected parameters', async () => {
    const ipConfigurations = [{ name: 'ip', properties: { subnet: { id: `${network}/subnets/machines` } } }];
    await put(nic('nic3'), { location, properties: { ipConfigurations } });
    await put(vm('commanded'), machine('nic3'));
    const command = `${vm('commanded')}/runCommands/install`;
    await put(command, {
      location,
      properties: {
        source: { script: 'hostname' },
        protectedParameters: [{ name: 'p', value: 'secret-value' }],
      },
    });
    const answer = await arm.send(
      'GET',
      `${command.replace(/^\/subscriptions\/[^/]+/, '')}?api-version=2026-03-01&$expand=instanceView`,
    );
    expect(answer.body).toMatchObject({
      properties: { instanceView: { executionState: 'Succeeded', exitCode: 0 } },
    });
    expect(JSON.stringify(answer.body)).not.toContain('secret-value');
  });
});

describe('identities', () => {
  it('keep their principal, which role assignments are given to once', async () => {
    const identity = idOf('Microsoft.ManagedIdentity/userAssignedIdentities', 'identity');
    const { properties } = await put(identity, { location });
    const { principalId } = properties as { principalId: string };
    expect((await put(identity, { location })).properties).toMatchObject({ principalId });
    const assignment = (name: string): string =>
      `${identity}/providers/Microsoft.Authorization/roleAssignments/${name}`;
    const roleDefinitionId =
      '/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6';
    const body = { properties: { principalId, roleDefinitionId, principalType: 'ServicePrincipal' } };
    const [one, two] = ['0a7d0f0e-8a3c-4c62-9d54-6b8d2f9c1a01', '0a7d0f0e-8a3c-4c62-9d54-6b8d2f9c1a02'];
    expect(await code(put(assignment(one), body))).toBe('none');
    expect(await code(put(assignment(one), body))).toBe('none');
    expect(await code(put(assignment(two), body))).toBe('RoleAssignmentExists');
  });
});

describe('networks', () => {
  it('refuse two security rules of the same priority and direction', async () => {
    const rule = (name: string) => ({ name, properties: { priority: 100, direction: 'Inbound' } });
    const group = idOf('Microsoft.Network/networkSecurityGroups', 'nsg');
    expect(await code(put(group, { location, properties: { securityRules: [rule('a'), rule('b')] } }))).toBe(
      'SecurityRuleConflict',
    );
    expect(await code(put(group, { location, properties: { securityRules: [rule('a')] } }))).toBe('none');
  });

  it('take the network interface of a private endpoint with it, also when its group is deleted', async () => {
    await arm.client.resourceGroups.createOrUpdate('private', { location });
    const endpoint = idOf('Microsoft.Network/privateEndpoints', 'endpoint', 'private');
    const made = await put(endpoint, { location, properties: {} });
    const [nic] = (made.properties as { networkInterfaces: { id: string }[] }).networkInterfaces;
    expect(await code(remove(nic?.id ?? ''))).toBe('NicInUse');
    await arm.client.resourceGroups.beginDeleteAndWait('private', quickly);
    expect(await arm.client.resourceGroups.checkExistence('private')).toEqual({ body: false });
  });
});
