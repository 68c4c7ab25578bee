/** Names of accounts by SID: records of local groups give only a member's SID, other records give its name. */
import { type Fields } from './log-record';
import { BoundedMap } from './bounded-map';

const MAX_ACCOUNTS = 50_000;

/** Which fields hold a SID, and which the name of the same account. */
const PAIRS = [
  ['TargetSid', 'TargetUserName'],
  ['TargetUserSid', 'TargetUserName'],
  ['SubjectUserSid', 'SubjectUserName'],
] as const;

/** In these, `Target…` is a group. */
const MEMBERSHIP_IDS = [4728, 4729, 4732, 4733, 4756, 4757];

export class AccountNames {
  private readonly names = new BoundedMap<string>(MAX_ACCOUNTS);

  learn(eventId: number, fields: Fields): void {
    for (const [sidField, nameField] of PAIRS) {
      const sid = fields[sidField];
      const name = fields[nameField];
      const isGroup = sidField === 'TargetSid' && MEMBERSHIP_IDS.includes(eventId);
      if (sid !== undefined && name !== undefined && !isGroup) this.names.set(sid.toUpperCase(), name);
    }
  }

  /** The name of the account with a SID; undefined when no record gave it. */
  nameOf(sid: string): string | undefined {
    return this.names.get(sid.toUpperCase());
  }
}
