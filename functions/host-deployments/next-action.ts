/** What a deployment does next: a pure function of its document. Each action reads, and changes one thing at most. */
import {
  type Deployment,
  installationIdOf,
  type MachineSetup,
  runCommandName,
  templateName,
} from './deployment';
import { hasEnded, isCleaningUp } from './deployment-states';

export type Action =
  | { kind: 'testConnection' }
  | { kind: 'readGroup'; group: string }
  | { kind: 'createGroup'; group: string }
  | { kind: 'readExisting'; group: string }
  | { kind: 'runTemplate'; group: string; name: string }
  | { kind: 'setUpMachines'; group: string; machines: { name: string; command: string }[] }
  | { kind: 'installServers'; machines: { name: string; installation: string }[] }
  | { kind: 'readServers' }
  | { kind: 'stopDeployments'; group: string }
  | { kind: 'recordResources'; group: string }
  | { kind: 'listResources'; group: string }
  | { kind: 'deleteGroup'; group: string }
  | { kind: 'deleteResources'; ids: string[] };

/** The next action; undefined when the deployment has ended. */
export function nextAction(deployment: Deployment): Action | undefined {
  const { state, group, cleanup } = deployment;
  if (hasEnded(state)) return undefined;
  if (isCleaningUp(state)) {
    const step = cleanup ?? { kind: 'stopDeployments' };
    return step.kind === 'deleteResources' ? step : { kind: step.kind, group: group.name };
  }
  switch (state) {
    case 'testingConnection':
      return { kind: 'testConnection' };
    case 'creatingResourceGroup':
      return { kind: group.isOwn === true ? 'createGroup' : 'readGroup', group: group.name };
    case 'checkingResources':
      return { kind: 'readExisting', group: group.name };
    case 'deployingResources':
      return { kind: 'runTemplate', group: group.name, name: templateName(deployment) };
    case 'settingUpMachines': {
      const running = deployment.machines.filter((machine) => machine.state === 'running');
      const commandOf = (machine: MachineSetup) => runCommandName(deployment, machine);
      const machines = running.map((machine) => ({ name: machine.name, command: commandOf(machine) }));
      return { kind: 'setUpMachines', group: group.name, machines };
    }
    case 'installingServers': {
      const machines = deployment.machines.map((machine) => ({
        name: machine.name,
        installation: installationIdOf(deployment, machine),
      }));
      return { kind: 'installServers', machines };
    }
    default:
      return { kind: 'readServers' };
  }
}
