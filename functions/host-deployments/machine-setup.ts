/** The set-up of each machine of a deployment: tries, and when a machine that does not register has failed. Pure. */
import type { AzureErrorInfo } from '../../shared/azure/azure-error';
import type { MachineSetup } from './deployment';
import type { ObservedMachine } from './observation';

/** Machines that are set up at the same time. */
const MACHINES_AT_ONCE = 10;
/** Tries of the set-up of a machine. */
const MACHINE_TRIES = 3;
/** A machine registers within this time after its command has ended. */
const REGISTRATION_MINUTES = 15;

/** As many waiting machines as may run at once begin their next try. */
export function startedMachines(machines: readonly MachineSetup[]): MachineSetup[] {
  let free = MACHINES_AT_ONCE - machines.filter(({ state }) => state === 'running').length;
  return machines.map((machine) =>
    machine.state === 'waiting' && free-- > 0
      ? { ...machine, state: 'running', tries: machine.tries + 1, commandEndedAt: undefined }
      : machine,
  );
}

/** The machine after a look at its command. */
export function afterMachine(
  machine: MachineSetup,
  { isRegistered, command, error }: ObservedMachine,
  now: Date,
): MachineSetup {
  if (isRegistered) return { ...machine, state: 'done', error: undefined };
  if (command === 'started' || command === 'running') return machine;
  const failure = error ?? notRegistered(machine.name);
  const again: MachineSetup = {
    ...machine,
    state: machine.tries < MACHINE_TRIES ? 'waiting' : 'failed',
    error: failure,
    commandEndedAt: undefined,
  };
  if (command === 'failed') return again;
  const endedAt = machine.commandEndedAt ?? now.toISOString();
  const isLate = now.getTime() - Date.parse(endedAt) > REGISTRATION_MINUTES * 60_000;
  return isLate ? again : { ...machine, commandEndedAt: endedAt };
}

/** Why a machine has failed whose command gave no reason. */
export function notRegistered(name: string): AzureErrorInfo {
  const message = `The cloud client of ${name} has not registered: check that the machine can reach the service on port 443.`;
  return { code: 'MachineNotRegistered', message, target: name };
}
