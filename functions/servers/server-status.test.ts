import fc from 'fast-check';
import { Problem } from '../../shared/problem';
import {
  NEXT_STATUSES,
  SERVER_STATUSES,
  type ServerStatus,
  statusAfterHeartbeat,
  statusAfterRegistration,
  statusAfterTimeout,
  transition,
} from './server-status';

interface Walker {
  status: ServerStatus;
  hasServer: boolean;
}

/** What can happen to a server that is registered. */
const happenings: Record<string, (walker: Walker, fact: boolean) => Walker> = {
  registered: ({ status }, hasServer) => ({ status: statusAfterRegistration(status, hasServer), hasServer }),
  heard: ({ status, hasServer }, clientTooOld) => ({
    status: statusAfterHeartbeat(status, { hasServer, clientTooOld }),
    hasServer,
  }),
  silent: ({ status, hasServer }) => ({ status: statusAfterTimeout(status), hasServer }),
  unregistered: ({ status, hasServer }) => ({
    status: status === 'deleted' ? status : 'uninstalled',
    hasServer,
  }),
};

const steps = fc.array(fc.tuple(fc.constantFrom(...Object.keys(happenings)), fc.boolean()), {
  maxLength: 30,
});

describe('the states of a server', () => {
  it('never leave the table, whatever a registered server goes through', () => {
    fc.assert(
      fc.property(fc.boolean(), steps, (hasServer, path) => {
        let walker: Walker = { status: statusAfterRegistration(undefined, hasServer), hasServer };
        for (const [name, fact] of path) {
          const next = happenings[name]?.(walker, fact) ?? walker;
          expect(transition(walker.status, next.status)).toBe(next.status);
          walker = next;
        }
      }),
    );
  });

  it('SRV-3: refuse every step that the table does not have', () => {
    fc.assert(
      fc.property(fc.constantFrom(...SERVER_STATUSES), fc.constantFrom(...SERVER_STATUSES), (from, to) => {
        fc.pre(from !== to && !NEXT_STATUSES[from].includes(to));
        expect(() => transition(from, to)).toThrow(Problem);
      }),
    );
  });

  it('SRV-4: let a server be removed only while it is offline, uninstalled, or was not installed', () => {
    const removable = SERVER_STATUSES.filter((status) => NEXT_STATUSES[status].includes('deleted'));
    expect(removable).toEqual(['offline', 'installationFailed', 'uninstalled']);
  });

  it('SRV-4: show a server again that was removed and is heard of', () => {
    expect(statusAfterHeartbeat('deleted', { hasServer: true, clientTooOld: false })).toBe('available');
    expect(statusAfterRegistration('deleted', true)).toBe('discovered');
  });

  it('leave a server that is being upgraded or installed to whoever does it', () => {
    for (const status of ['upgrading', 'installationInProgress'] as const) {
      expect(statusAfterTimeout(status)).toBe(status);
      expect(statusAfterRegistration(status, true)).toBe(status);
      expect(statusAfterHeartbeat(status, { hasServer: true, clientTooOld: true })).toBe(status);
    }
  });
});
