/** `npm run cloud-client`: the reference cloud client of a recording server, on the command line. */
import { runCommandOf } from './cli/command';
import { runCheck } from './cloud-client/cli/check';
import { runDeliver } from './cloud-client/cli/deliver';
import { runServer } from './cloud-client/cli/run';

void runCommandOf({
  name: 'npm run cloud-client',
  description:
    'The cloud client of a recording server: sends its sessions, events and recordings to a service, and executes commands.',
  commands: {
    run: { does: 'plays a recording server until Ctrl-C', run: runServer },
    check: {
      does: 'checks each step of the way to the service, and says what to do about those that fail',
      run: runCheck,
    },
    deliver: {
      does: 'delivers one event log and ends; also without the word: --url URL --events PATH',
      run: runDeliver,
    },
  },
  otherwise: 'deliver',
});
