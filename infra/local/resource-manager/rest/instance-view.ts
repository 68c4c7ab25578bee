/** What `$expand=instanceView` adds to machines and run commands: what ran here has succeeded, unless it was failed on purpose. */
import { type LocalRequest } from '../../stand-in-support/server';
import { type ValueObject } from '../expressions/values';
import { objectAt, textAt } from '../resources/draft';

const succeeded = (code: string, displayStatus: string): ValueObject => ({
  code,
  level: 'Info',
  displayStatus,
});

export function withInstanceView({ url }: LocalRequest, type: string, body: ValueObject): ValueObject {
  if (url.searchParams.get('$expand')?.toLowerCase() !== 'instanceview') return body;
  const view = views[type.toLowerCase()];
  if (view === undefined) return body;
  return { ...body, properties: { ...objectAt(body, 'properties'), instanceView: view(body) } };
}

const views: Record<string, (body: ValueObject) => ValueObject> = {
  'microsoft.compute/virtualmachines': () => ({
    statuses: [
      succeeded('ProvisioningState/succeeded', 'Provisioning succeeded'),
      succeeded('PowerState/running', 'VM running'),
    ],
  }),
  'microsoft.compute/virtualmachines/extensions': () => ({
    statuses: [succeeded('ProvisioningState/succeeded', 'Provisioning succeeded')],
  }),
  'microsoft.compute/virtualmachines/runcommands': (body) => {
    const now = new Date().toISOString();
    const isFailed = textAt(body, 'properties', 'provisioningState') === 'Failed';
    const ended = isFailed
      ? { executionState: 'Failed', exitCode: 1 }
      : { executionState: 'Succeeded', exitCode: 0 };
    return { ...ended, output: '', error: '', startTime: now, endTime: now };
  },
};
