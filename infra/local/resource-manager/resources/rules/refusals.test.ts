/** What Azure refuses, and so does the local Resource Manager: each was accepted here once, and hid a fault of a template. */
import { faultClient } from '../../../azure/test-fault-client';
import { startTestArm, type TestArm } from '../../test-arm';
import { codeOf as code, idOf, location, resourceRequests, versionOf } from '../../test-resources';

let arm: TestArm;
beforeAll(async () => {
  arm = await startTestArm();
  for (const name of ['rg', 'other']) await arm.client.resourceGroups.createOrUpdate(name, { location });
});
afterAll(() => arm.close());

const { put } = resourceRequests(() => arm);

describe('what Azure refuses', () => {
  const network = idOf('Microsoft.Network/virtualNetworks', 'shared');
  beforeAll(() =>
    put(network, {
      location,
      properties: { subnets: [{ name: 'small', properties: { addressPrefix: '10.9.0.0/28' } }] },
    }),
  );

  it.each([
    ['10.0.0.0/8', '10.1.0.0/16', 'OverlappingSubnetsNotPermittedInSecurityRule'],
    ['203.0.113.7', '203.0.113.0/24', 'OverlappingSubnetsNotPermittedInSecurityRule'],
    ['2001:db8::/32', '2001:db8:1::/48', 'OverlappingSubnetsNotPermittedInSecurityRule'],
    ['10.0.0.0/9', '10.128.0.0/9', 'none'],
  ])('a security rule for %s and %s: %s', async (one, two, expected) => {
    const rule = { priority: 100, direction: 'Inbound', sourceAddressPrefixes: [one, two] };
    const body = { location, properties: { securityRules: [{ name: 'a', properties: rule }] } };
    expect(await code(put(idOf('Microsoft.Network/networkSecurityGroups', 'overlap'), body))).toBe(expected);
  });

  it.each([
    ['10.9.1.4', 'PrivateIPAddressNotInSubnet'],
    ['10.9.0.3', 'PrivateIPAddressInReservedRange'],
    ['10.9.0.15', 'PrivateIPAddressInReservedRange'],
    ['10.9.0.4', 'none'],
  ])('a load balancer at %s of 10.9.0.0/28: %s', async (privateIPAddress, expected) => {
    const properties = { privateIPAddress, subnet: { id: `${network}/subnets/small` } };
    const body = { location, properties: { frontendIPConfigurations: [{ name: 'f', properties }] } };
    expect(await code(put(idOf('Microsoft.Network/loadBalancers', 'lb'), body))).toBe(expected);
  });

  it('a second resolver, and a second ruleset, for one network', async () => {
    const body = { location, properties: { virtualNetwork: { id: network } } };
    expect(await code(put(idOf('Microsoft.Network/dnsResolvers', 'one'), body))).toBe('none');
    expect(await code(put(idOf('Microsoft.Network/dnsResolvers', 'two', 'other'), body))).toBe('Conflict');
    for (const name of ['one', 'two'])
      await put(idOf('Microsoft.Network/dnsForwardingRulesets', name), { location, properties: {} });
    const link = (ruleset: string) =>
      put(idOf('Microsoft.Network/dnsForwardingRulesets/virtualNetworkLinks', `${ruleset}/l`), body);
    expect([await code(link('one')), await code(link('two'))]).toEqual(['none', 'Conflict']);
  });

  it('zone-redundant storage in a region without zones', async () => {
    const account = (place: string) =>
      put(idOf('Microsoft.Storage/storageAccounts', `zones${place}`), {
        location: place,
        kind: 'StorageV2',
        sku: { name: 'Standard_GZRS' },
      });
    expect(await code(account('westus'))).toBe('RedundancyConfigurationNotAvailableInRegion');
    expect(await code(account('westeurope'))).toBe('none');
  });

  it('a role for a principal that the directory does not know yet, unless its type is given', async () => {
    const identity = idOf('Microsoft.ManagedIdentity/userAssignedIdentities', 'fresh');
    const { principalId } = (await put(identity, { location })).properties as { principalId: string };
    const id = `${identity}/providers/Microsoft.Authorization/roleAssignments/0a7d0f0e-8a3c-4c62-9d54-6b8d2f9c1a09`;
    const roleDefinitionId =
      '/providers/Microsoft.Authorization/roleDefinitions/4633458b-17de-408a-b874-0445c86b69e6';
    expect(await code(put(id, { properties: { principalId, roleDefinitionId } }))).toBe('PrincipalNotFound');
    const properties = { principalId, roleDefinitionId, principalType: 'ServicePrincipal' };
    expect(await code(put(id, { properties }))).toBe('none');
  });

  it('auditing to an account where the server has no role', async () => {
    const server = idOf('Microsoft.Sql/servers', 'audited-sql');
    const account = idOf('Microsoft.Storage/storageAccounts', 'auditlogs');
    await put(account, { location, kind: 'StorageV2', sku: { name: 'Standard_LRS' } });
    const login = { administratorLogin: 'dba1', administratorLoginPassword: 'Long-enough-1' };
    const made = await put(server, { location, identity: { type: 'SystemAssigned' }, properties: login });
    const audit = () =>
      put(`${server}/auditingSettings/default`, {
        properties: {
          state: 'Enabled',
          isManagedIdentityInUse: true,
          storageEndpoint: 'https://auditlogs.blob.core.windows.net/',
        },
      });
    expect(await code(audit())).toBe('BlobAuditingInsufficientStorageAccountPermissions');
    await put(
      `${account}/providers/Microsoft.Authorization/roleAssignments/0a7d0f0e-8a3c-4c62-9d54-6b8d2f9c1a10`,
      {
        properties: {
          principalId: made.identity?.principalId,
          principalType: 'ServicePrincipal',
          roleDefinitionId:
            '/providers/Microsoft.Authorization/roleDefinitions/ba92f5b4-2d11-453d-a403-e96b0029c9fe',
        },
      },
    );
    await new Promise((resolve) => setTimeout(resolve, 50));
    expect(await code(audit())).toBe('none');
  });
});

describe('a machine that is there', () => {
  const machine = idOf('Microsoft.Compute/virtualMachines', 'kept-vm');
  const write = (change: { tags?: object; password?: string; identity?: object } = {}) =>
    put(machine, {
      location,
      tags: change.tags ?? {},
      ...(change.identity ? { identity: change.identity } : {}),
      properties: {
        hardwareProfile: { vmSize: 'Standard_D4s_v3' },
        storageProfile: { osDisk: { createOption: 'FromImage' } },
        osProfile: { adminUsername: 'recadmin', adminPassword: change.password ?? 'Long-enough-1' },
      },
    });

  it('keeps its password and zone', async () => {
    expect(await code(write())).toBe('none');
    expect(await code(write())).toBe('none');
    expect(await code(write({ password: 'Long-enough-2' }))).toBe('PropertyChangeNotAllowed');
    const path = machine.slice(machine.indexOf('/resourceGroups'));
    const zoned = await arm.send('PUT', `${path}?api-version=${versionOf(machine)}`, {
      location,
      zones: ['1'],
    });
    expect(zoned.body).toMatchObject({ error: { code: 'PropertyChangeNotAllowed', target: 'zones' } });
  });

  it('has tags of 2,048 characters at the most', async () => {
    const tags = (last: number) => ({
      ...Object.fromEntries(Array.from({ length: 7 }, (_, n) => [`tag${n}`, 'x'.repeat(252)])),
      t: 'x'.repeat(last),
    });
    expect(await code(write({ tags: tags(255) }))).toBe('none');
    expect(await code(write({ tags: tags(256) }))).toBe('InvalidParameter');
  });

  it('joins Microsoft Entra ID only with an identity of its own', async () => {
    const join = () =>
      put(`${machine}/extensions/join`, {
        location,
        properties: { publisher: 'Microsoft.Azure.ActiveDirectory', type: 'AADLoginForWindows' },
      });
    await write();
    expect(await code(join())).toBe('VMExtensionProvisioningError');
    await write({ identity: { type: 'SystemAssigned, UserAssigned', userAssignedIdentities: {} } });
    expect(await code(join())).toBe('none');
  });

  it('does not run a failed command of the same name again', async () => {
    await write();
    const run = (name: string) =>
      put(`${machine}/runCommands/${name}`, {
        location,
        properties: { source: { script: 'hostname' }, treatFailureAsDeploymentFailure: true },
      });
    await faultClient(arm.azure.loginUrl).inject({
      standIn: 'resourceManager',
      method: 'CREATE',
      path: '*runCommands/first',
      effect: { do: 'failAfterSuccess', status: 409 },
    });
    expect(await code(run('first'))).not.toBe('none');
    expect(await code(run('first'))).toBe('VMExtensionProvisioningError');
    expect(await code(run('second'))).toBe('none');
  });
});
