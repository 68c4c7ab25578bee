/** The custom role, held against the plans and against the role of the product that this one replaces. */
import { CONTEXT } from '../testing/context';
import { choices, planOfChoice } from '../testing/matrix';
import { makeTemplate } from '../template/template';
import { requiredRights } from './required-rights';
import { serviceActions } from './service-role';

/** The 52 actions of the original's custom role. */
const ORIGINAL = `
Authorization/roleAssignments/write Authorization/roleDefinitions/delete Authorization/roleDefinitions/write
Compute/availabilitySets/write Compute/virtualMachines/delete Compute/virtualMachines/extensions/read
Compute/virtualMachines/extensions/write Compute/virtualMachines/read Compute/virtualMachines/runCommands/read
Compute/virtualMachines/runCommands/write Compute/virtualMachines/write CostManagement/forecast/read
CostManagement/query/read KeyVault/locations/deletedVaults/purge/action KeyVault/vaults/read KeyVault/vaults/write
ManagedIdentity/userAssignedIdentities/assign/action ManagedIdentity/userAssignedIdentities/read
ManagedIdentity/userAssignedIdentities/write Network/loadBalancers/backendAddressPools/join/action
Network/loadBalancers/write Network/networkInterfaces/join/action Network/networkInterfaces/read
Network/networkInterfaces/write Network/networkSecurityGroups/delete Network/networkSecurityGroups/join/action
Network/networkSecurityGroups/read Network/networkSecurityGroups/securityRules/read
Network/networkSecurityGroups/securityRules/write Network/networkSecurityGroups/write
Network/publicIPAddresses/join/action Network/publicIPAddresses/read Network/publicIPAddresses/write
Network/virtualNetworks/read Network/virtualNetworks/subnets/join/action Network/virtualNetworks/subnets/read
Resources/deployments/operationstatuses/read Resources/deployments/read Resources/deployments/write
Resources/subscriptions/resourceGroups/delete Resources/subscriptions/resourceGroups/read
Resources/subscriptions/resourceGroups/write Sql/servers/auditingSettings/write Sql/servers/databases/write
Sql/servers/firewallRules/write Sql/servers/read Sql/servers/write Storage/storageAccounts/fileServices/shares/delete
Storage/storageAccounts/fileServices/shares/write Storage/storageAccounts/listkeys/action
Storage/storageAccounts/read Storage/storageAccounts/write`
  .trim()
  .split(/\s+/)
  .map((action) => `Microsoft.${action}`);

it("HST-1: the custom role has all 52 actions of the original's", () => {
  expect(ORIGINAL).toHaveLength(52);
  expect(serviceActions()).toEqual(expect.arrayContaining(ORIGINAL));
});

it('HST-1: the custom role suffices for the deployment and the removal of every plan', () => {
  const role = serviceActions();
  for (const choice of choices()) {
    const plan = planOfChoice(choice);
    const { main, nested } = makeTemplate(plan, CONTEXT);
    expect(role).toEqual(
      expect.arrayContaining(Object.values(requiredRights(plan, [main, ...nested.values()])).flat()),
    );
  }
});

it('HST-1: the custom role names each action once, without wildcards', () => {
  const role = serviceActions();
  expect(role.filter((action) => action.includes('*'))).toEqual([]);
  expect(new Set(role.map((action) => action.toLowerCase())).size).toBe(role.length);
});
