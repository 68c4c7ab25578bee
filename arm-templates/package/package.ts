/** The deployment package of a site: the files that are downloaded as a zip. */
import type { SitePlan } from '../plan/site-plan';
import type { Json } from '../template/arm';
import type { SiteTemplate } from '../template/template';
import { powershellScript } from './powershell-script';
import { removalScript } from './removal-script';
import { readmeOf } from './readme';
import { bashScript } from './bash-script';
import type { PackageFile } from './zip';

const PARAMETERS_SCHEMA = 'https://schema.management.azure.com/schemas/2019-04-01/deploymentParameters.json#';

const json = (value: unknown): string => `${JSON.stringify(value, null, 2)}\n`;

function parameterFile(values: Record<string, Json>): string {
  const parameters = Object.fromEntries(Object.entries(values).map(([name, value]) => [name, { value }]));
  return json({ $schema: PARAMETERS_SCHEMA, contentVersion: '1.0.0.0', parameters });
}

/** The files of the package of a plan and its template. The same input gives the same files; none holds a secret. */
export function packageFiles(plan: SitePlan, template: SiteTemplate): PackageFile[] {
  const { main, nested, parameters, names } = template;
  return [
    { path: 'README.md', text: readmeOf(plan, template) },
    { path: 'DeploySessionRecording.ps1', text: powershellScript(plan, names) },
    { path: 'deploy.sh', text: bashScript(plan, names), isExecutable: true },
    { path: 'remove.sh', text: removalScript(names), isExecutable: true },
    { path: 'template/main.json', text: json(main) },
    ...[...nested].map(([name, part]) => ({ path: `template/parts/${name}.json`, text: json(part) })),
    { path: 'parameter/main.parameters.json', text: parameterFile(parameters) },
    { path: 'parameter/resource-group.json', text: json({ location: plan.region, tags: plan.tags }) },
    {
      path: 'parameter/resource-group-tags.json',
      text: json({ operation: 'Merge', properties: { tags: plan.tags } }),
    },
  ];
}
