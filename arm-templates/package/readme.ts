/** The README.md of a package: its contents, how to deploy it, again and changed, and how to remove it. */
import { IMAGES } from '../plan/catalogues';
import { planWarnings } from '../plan/plan-warnings';
import type { SitePlan } from '../plan/site-plan';
import type { ResourceNames } from '../template/resource-names';
import type { SiteTemplate } from '../template/template';
import { entraSteps, manualSteps, requiredSecrets } from './required-inputs';
import { requiredRights } from './required-rights';

/** Escapes a text of the plan for Markdown, on one line. */
function escapeMarkdown(text: string): string {
  return text.replaceAll(/\s+/g, ' ').replaceAll(/[\\`*_{}[\]<>()#+!|~&-]/g, String.raw`\$&`);
}

function storageLine({ storage }: SitePlan): string {
  return storage.performance === 'standard'
    ? `${storage.shareCount} file shares of 5 TiB, ${storage.redundancy}`
    : `${storage.shares.length} premium file shares, ${storage.redundancy}`;
}

const list = (lines: readonly string[]): string => lines.map((line) => `- ${line}`).join('\n');
const actions = (names: readonly string[]): string => names.map((name) => `    ${name}`).join('\n');

function section(title: string, text: string): string {
  return text === '' ? '' : `\n## ${title}\n\n${text}\n`;
}

function rightsSection(plan: SitePlan, { main, nested }: SiteTemplate): string {
  const { group, subscription, network, existing, removal } = requiredRights(plan, [
    main,
    ...nested.values(),
  ]);
  return `A service principal with these rights:

- In the resource group: the role Contributor, and Role Based Access Control Administrator or Owner for the two role
  assignments. A role of your own needs

${actions(group)}

- On the subscription, where the role Contributor on the resource group does not reach. Without the right to write
  resource groups the group must exist before:

${actions(subscription)}

- On the virtual network, which is in another resource group:

${actions(network)}
${existing.length > 0 ? `\n- On the private DNS zones, the forwarding ruleset and the workspace that the plan names:\n\n${actions(existing)}\n` : ''}
- To remove the site again, in the resource group: the role Contributor, or also

${actions(removal)}

And the certificate of the machines as a .pfx file with its private key.`;
}

/** What Azure refuses to change, or what would make other resources than before. */
function againSection({ secureClient }: SitePlan): string {
  const token =
    secureClient.kind === 'create'
      ? '- A new EnrolmentToken is needed when the last one is older than 24 hours. A machine that was enrolled and not\n  installed enrols again by itself; one that is installed keeps its client.\n'
      : '';
  return `The scripts can be run again, after a failure or with a changed plan: what is there already is kept or updated, and
nothing is made twice. Set-up commands of the machines run again under new names.

- These must be the same as before: SubscriptionId, ResourceGroupName, VmAdminPassword, and in the plan the region, the
  names of the administrators, the placement of the machines and their image. Azure refuses to change them; to change
  one, remove the site first.
- SqlAdminPassword, the certificate and its password, and DomainPassword may be others: they are replaced.
${token}- Fewer machines or shares in the plan than before: the others stay until you delete them.
- The first deployment may report that the databases cannot write their audit log yet: Azure takes some minutes until it
  knows a new role. The scripts wait and try again by themselves.`;
}

function removalSection({ prefix, vault }: ResourceNames, { network }: SitePlan): string {
  const zones =
    network.privateEndpoints && network.privateDnsZones.use === 'create'
      ? '- The private DNS zones `privatelink.*` in the resource group stay, since other networks may be linked to them;\n  only the link of this site is removed.\n'
      : '';
  return `\`bash remove.sh\` removes the resources of this site and nothing else, after it has listed them: machines with
their disks and network interfaces, load balancer and security group, private endpoints, DNS links and resolver,
databases, key vault, identity, and storage last. **Recordings and databases are lost.** By hand: delete everything in the
resource group whose name begins with \`${prefix}\` or \`${prefix.replace('-', '')}\`, in this order. When nothing else is in
the resource group, \`az group delete\` does the same.

What stays:

- The name of the key vault \`${vault}\` with its number, for 90 days: it is protected against purging. A later
  deployment takes the next number.
${zones}- The subnet with its service endpoints or delegation, and computer accounts in the domain or in Microsoft Entra ID:
  delete the accounts of the machines there.
- In the Session Recording service: the site and the secure clients of its machines. Delete them there.`;
}

/** The text for a plan and its template. */
export function readmeOf(plan: SitePlan, template: SiteTemplate): string {
  const { names } = template;
  const { machines, loadBalancer, databases } = plan;
  const inputs = ['TenantId', 'AzureClientId', 'AzureClientSecret', 'SubscriptionId', 'ResourceGroupName'];
  const secrets = requiredSecrets(plan).map(({ name, prompt }) => `- ${name}: ${prompt.toLowerCase()}`);
  const warnings = planWarnings(plan).map(({ pointer, detail }) => `\`${pointer}\`: ${detail}`);
  return `# Session Recording site ${escapeMarkdown(plan.name)}

This package deploys the resources of the site to your Azure subscription. It holds no passwords and no keys.

| file | what it is |
| --- | --- |
| \`template/main.json\` | the ARM template; each part of it is a nested deployment, which you can follow in the portal |
| \`template/parts/\` | the same parts as templates of their own, to read them or to deploy one alone |
| \`parameter/main.parameters.json\` | the values of the site plan |
| \`parameter/resource-group.json\`, \`resource-group-tags.json\` | region and tags of the resource group |
| \`DeploySessionRecording.ps1\` | deploys with PowerShell 5.1 or later and the Az modules |
| \`deploy.sh\` | the same with bash and the Azure CLI |
| \`remove.sh\` | removes what was deployed |
${section('What to look at', list(warnings))}
## Before you begin

${rightsSection(plan, template)}
${section('What only you can do', list(manualSteps(plan)))}
## Deploy

    ./DeploySessionRecording.ps1        (PowerShell)
    bash deploy.sh                      (Azure CLI)

You are asked for ${inputs.join(', ')}, the path of the certificate file, and these secrets:

${secrets.join('\n')}

A deployment takes about half an hour. When it fails, the message names the nested deployment and the resource; fix
the cause and run the script again. When it is done there is a file \`resourceInfo.json\` beside the script: upload
it when you set up the site. The scripts sign out at their end and leave no secret behind.
${section('Machines in Microsoft Entra ID', entraSteps(plan, names))}
## Again, and changed

${againSection(plan)}

## What is made

- ${machines.count} machines ${names.machines.length > 1 ? `${names.machines[0]} to ${names.machines.at(-1)}` : names.machines[0]}: ${machines.size}, ${IMAGES[machines.image].label}
- storage accounts ${names.recordingsAccount} (${storageLine(plan)}) and ${names.archiveAccount} (archived recordings)
- database server ${names.sqlServer} with two databases of ${databases.maxSizeGib} GiB at the most
- ${loadBalancer.type} load balancer ${names.loadBalancer}, key vault ${names.vault}1, identity ${names.identity}${plan.network.privateEndpoints ? ', private endpoints' : ''}${plan.network.privateEndpoints && plan.network.privateDnsZones.use === 'create' ? ' and their DNS zones' : ''}

## Remove

${removalSection(names, plan)}
`;
}
