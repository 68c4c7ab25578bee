import { fromWire } from '../../shared/cosmos/document-type';
import { eventResponseType } from './event-response';

const FINISHED = '2030-01-15T12:00:05.000Z';

it.each([
  [
    { kind: 'sendEmail', state: 'pending', attempts: 1, until: '2030-01-15T12:01:00.000Z' },
    { state: 'pending', notBefore: '2030-01-15T12:01:00.000Z' },
  ],
  [
    { kind: 'sendEmail', state: 'claimed', attempts: 1, claimId: 'c', until: '2030-01-15T12:02:00.000Z' },
    { state: 'claimed', claimId: 'c', leasedUntil: '2030-01-15T12:02:00.000Z' },
  ],
  [
    { kind: 'lockSession', state: 'sent', attempts: 1, commandId: 'k', until: '2030-01-15T12:08:00.000Z' },
    { state: 'sent', commandId: 'k', resultDueAt: '2030-01-15T12:08:00.000Z' },
  ],
  [
    { kind: 'sendEmail', state: 'skipped', attempts: 1, reason: 'mail not configured', finishedAt: FINISHED },
    { state: 'skipped', reasonCode: 'mailNotConfigured', finishedAt: FINISHED },
  ],
])('RSP-8: an action stored by version 1, %j, is read as %j', (stored, expected) => {
  const wire = { id: 'response:event', type: 'response', schemaVersion: 1, _etag: '"1"', actions: [stored] };
  const { actions } = fromWire(eventResponseType, wire);
  expect(actions).toMatchObject([expected]);
  expect(actions[0]).not.toHaveProperty('until');
});
