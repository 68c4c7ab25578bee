/** Conditions for listing and purging instances: time of creation, status, prefix of the id. */
import { type Instance } from './store';

interface InstanceFilter {
  readonly fromMs: number;
  readonly toMs: number;
  /** In lower case; empty = all. */
  readonly statuses: readonly string[];
  readonly idPrefix: string;
}

export function readFilter(parameters: URLSearchParams): InstanceFilter {
  const time = (name: string, otherwise: number) => {
    const value = Date.parse(parameters.get(name) ?? '');
    return Number.isNaN(value) ? otherwise : value;
  };
  const statuses = (parameters.get('runtimeStatus') ?? '')
    .split(',')
    .map((status) => status.trim().toLowerCase());
  return {
    fromMs: time('createdTimeFrom', Number.NEGATIVE_INFINITY),
    toMs: time('createdTimeTo', Number.POSITIVE_INFINITY),
    statuses: statuses.filter((status) => status !== ''),
    idPrefix: parameters.get('instanceIdPrefix') ?? '',
  };
}

export function matchesFilter(
  instance: Instance,
  { fromMs, toMs, statuses, idPrefix }: InstanceFilter,
): boolean {
  return (
    instance.createdMs >= fromMs &&
    instance.createdMs <= toMs &&
    (statuses.length === 0 || statuses.includes(instance.status.toLowerCase())) &&
    instance.instanceId.startsWith(idPrefix)
  );
}
