/** What `$expand=instanceView` adds to machines and run commands: everything that ran here has succeeded. */
import { type LocalRequest } from '../../stand-in-support/server';
import { type ValueObject } from '../expressions/values';
import { objectAt } from '../resources/draft';

const succeeded = (code: string, displayStatus: string): ValueObject => ({
  code,
  level: 'Info',
  displayStatus,
});

export function withInstanceView({ url }: LocalRequest, type: string, body: ValueObject): ValueObject {
  if (url.searchParams.get('$expand')?.toLowerCase() !== 'instanceview') return body;
  const view = views[type.toLowerCase()];
  if (view === undefined) return body;
  return { ...body, properties: { ...objectAt(body, 'properties'), instanceView: view() } };
}

const views: Record<string, () => ValueObject> = {
  'microsoft.compute/virtualmachines': () => ({
    statuses: [
      succeeded('ProvisioningState/succeeded', 'Provisioning succeeded'),
      succeeded('PowerState/running', 'VM running'),
    ],
  }),
  'microsoft.compute/virtualmachines/extensions': () => ({
    statuses: [succeeded('ProvisioningState/succeeded', 'Provisioning succeeded')],
  }),
  'microsoft.compute/virtualmachines/runcommands': () => {
    const now = new Date().toISOString();
    return { executionState: 'Succeeded', exitCode: 0, output: '', error: '', startTime: now, endTime: now };
  },
};
