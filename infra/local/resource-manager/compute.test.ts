import { ComputeManagementClient } from '@azure/arm-compute';
import { localSubscriptionId } from '../azure/login/directory-ids';
import { startTestArm, templateOf, type TestArm } from './test-arm';

let arm: TestArm;
let compute: ComputeManagementClient;
beforeAll(async () => {
  arm = await startTestArm();
  const { credential, resourceManagerUrl } = arm.azure;
  compute = new ComputeManagementClient(credential, localSubscriptionId, {
    endpoint: resourceManagerUrl,
    credentials: { scopes: ['https://management.azure.com/.default'] },
  });
  await arm.client.resourceGroups.createOrUpdate('rg', { location: 'westeurope' });
  const location = 'westeurope';
  const machine = {
    type: 'Microsoft.Compute/virtualMachines',
    apiVersion: '2026-03-01',
    name: 'vm1',
    location,
    properties: {
      hardwareProfile: { vmSize: 'Standard_D4s_v3' },
      storageProfile: { osDisk: { createOption: 'FromImage', osType: 'Windows' } },
      osProfile: {
        computerName: 'vm1',
        adminUsername: 'recadmin',
        adminPassword: "[parameters('password')]",
      },
    },
  };
  const template = templateOf({ parameters: { password: { type: 'securestring' } }, resources: [machine] });
  const properties = {
    mode: 'Incremental' as const,
    template,
    parameters: { password: { value: 'Long-enough-1' } },
  };
  await arm.client.deployments.beginCreateOrUpdateAndWait(
    'rg',
    'main',
    { properties },
    { updateIntervalInMs: 20 },
  );
});
afterAll(() => arm.close());

it('the Compute client reads machines that a deployment made', async () => {
  const names = [];
  for await (const { name } of compute.virtualMachines.list('rg')) names.push(name);
  expect(names).toEqual(['vm1']);
  const machine = await compute.virtualMachines.get('rg', 'vm1', { expand: 'instanceView' });
  expect(machine.instanceView?.statuses?.map(({ code }) => code)).toContain('PowerState/running');
});

it('the Compute client runs a command on a machine and reads how it ended', async () => {
  const command = { location: 'westeurope', source: { script: 'hostname' }, asyncExecution: false };
  await compute.virtualMachineRunCommands.createOrUpdate('rg', 'vm1', 'install', command, {
    updateIntervalInMs: 20,
  });
  const options = { expand: 'instanceView' };
  const { instanceView } = await compute.virtualMachineRunCommands.getByVirtualMachine(
    'rg',
    'vm1',
    'install',
    options,
  );
  expect(instanceView).toMatchObject({ executionState: 'Succeeded', exitCode: 0 });
});
