/** For tests: plants faults as their users do, through `/local/faults`. */
import { type PlantedFault } from '../faults/fault';

export interface PlantingFaults {
  /** Plants one and returns what was answered. @throws Error with the refusal */
  plant(order: object): Promise<PlantedFault>;
  list(): Promise<PlantedFault[]>;
  /** Removes all. */
  clear(): Promise<void>;
}

/** `loginUrl` is where `/local/*` is served. */
export function plantingFaults(loginUrl: string): PlantingFaults {
  const url = `${loginUrl}/local/faults`;
  return {
    plant: async (order) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(order) });
      if (response.status !== 201) throw new Error(await response.text());
      return (await response.json()) as PlantedFault;
    },
    list: async () => ((await (await fetch(url)).json()) as { value: PlantedFault[] }).value,
    clear: async () => void (await fetch(url, { method: 'DELETE' })),
  };
}
