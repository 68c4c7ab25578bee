/** For tests: injects faults as their users do, through `/local/faults`. */
import { type InjectedFault } from '../faults/fault';

export interface FaultClient {
  /** Injects one and returns the answer. @throws Error with the refusal */
  inject(order: object): Promise<InjectedFault>;
  list(): Promise<InjectedFault[]>;
  /** Removes all. */
  clear(): Promise<void>;
}

/** `loginUrl` is where `/local/*` is served. */
export function faultClient(loginUrl: string): FaultClient {
  const url = `${loginUrl}/local/faults`;
  return {
    inject: async (order) => {
      const response = await fetch(url, { method: 'POST', body: JSON.stringify(order) });
      if (response.status !== 201) throw new Error(await response.text());
      return (await response.json()) as InjectedFault;
    },
    list: async () => ((await (await fetch(url)).json()) as { value: InjectedFault[] }).value,
    clear: async () => void (await fetch(url, { method: 'DELETE' })),
  };
}
