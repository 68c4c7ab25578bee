/** The one check of the names of archive locations that requests give. */
import { Problem } from '../../../shared/problem';
import type { Services } from '../../../shared/services';

/** @throws Problem `validation-failed` at the pointer, with the names that exist, when the service has no such location */
export function requireLocation(archives: Services['archives'], name: string, pointer: string): void {
  if (archives.find(name)) return;
  const names = archives.all.map((location) => location.name).join(', ');
  throw new Problem('validation-failed', 'There is no such archive location.', {
    errors: [{ pointer, detail: `The locations are: ${names}.` }],
  });
}
