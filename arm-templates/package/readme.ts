/** The README.md of a package: its contents, and how to deploy it. */
import { IMAGES } from '../plan/catalogues';
import type { SitePlan } from '../plan/site-plan';
import type { ResourceNames } from '../template/resource-names';
import { requiredSecrets, manualSteps } from './required-inputs';

/** Escapes a text of the plan for Markdown, on one line. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>()#+!|~&-]/g, String.raw`\$&`);
}

function storageLine({ storage }: SitePlan): string {
  return storage.performance === 'standard'
    ? `${storage.shareCount} file shares of 5 TiB, ${storage.redundancy}`
    : `${storage.shares.length} premium file shares, ${storage.redundancy}`;
}

/** The text for a plan. */
export function readmeOf(plan: SitePlan, names: ResourceNames): string {
  const { machines, loadBalancer, databases } = plan;
  const inputs = ['TenantId', 'AzureClientId', 'AzureClientSecret', 'SubscriptionId', 'ResourceGroupName'];
  const secrets = requiredSecrets(plan).map(({ name, prompt }) => `- ${name}: ${prompt.toLowerCase()}`);
  const steps = manualSteps(plan).map((step) => `- ${step}`);
  return `# Session Recording site ${escapeMarkdown(plan.name)}

This package deploys the resources of the site to your Azure subscription. It holds no passwords and no keys.

| file | what it is |
| --- | --- |
| \`template/main.json\` | the ARM template; each part of it is a nested deployment, which you can follow in the portal |
| \`parameter/main.parameters.json\` | the values of the site plan |
| \`parameter/resource-group.json\`, \`resource-group-tags.json\` | region and tags of the resource group |
| \`DeploySessionRecording.ps1\` | deploys with PowerShell 5.1 or later and the Az modules |
| \`deploy.sh\` | the same with bash and the Azure CLI |

## Before you begin

- A service principal with the role Contributor, and Role Based Access Control Administrator or Owner, on the
  subscription or the resource group. The template makes two role assignments.
- The right to join the subnet: \`Microsoft.Network/virtualNetworks/subnets/join/action\`.
- The certificate of the machines as a .pfx file with its private key.
${steps.length > 0 ? `\n## What only you can do\n\n${steps.join('\n')}\n` : ''}
## Deploy

    ./DeploySessionRecording.ps1        (PowerShell)
    bash deploy.sh                      (Azure CLI)

You are asked for ${inputs.join(', ')}, the path of the certificate file, and these secrets:

${secrets.join('\n')}

A deployment takes about half an hour. When it fails, the message names the nested deployment and the resource; fix
the cause and run the script again. When it is done there is a file \`resourceInfo.json\` beside the script: upload
it when you set up the site.

## What is made

- ${machines.count} machines ${names.machines.length > 1 ? `${names.machines[0]} to ${names.machines.at(-1)}` : names.machines[0]}: ${machines.size}, ${IMAGES[machines.image].label}
- storage accounts ${names.recordingsAccount} (${storageLine(plan)}) and ${names.archiveAccount} (archived recordings)
- database server ${names.sqlServer} with two databases of ${databases.maxSizeGib} GiB at the most
- ${loadBalancer.type} load balancer ${names.loadBalancer}, key vault ${names.vault}1, identity ${names.identity}${plan.network.privateEndpoints ? ', private endpoints and their DNS zones' : ''}

The key vault is protected against purging: when you delete the resource group, its name stays taken for 90 days. A
later deployment takes the next number.
`;
}
