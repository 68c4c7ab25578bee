/** The caller, according to a verified token. */
import type { AdministratorKind } from './permissions';

/** A person or an application with a role of the customer's directory. */
export interface Administrator {
  readonly type: 'administrator';
  readonly customerId: string;
  /** Object id in the directory. */
  readonly id: string;
  readonly name: string;
  readonly kind: AdministratorKind | undefined;
  /** The role comes only through a directory group (IAM-4). */
  readonly throughGroup: boolean;
  /** An app-only token: no user signed in. */
  readonly isApplication: boolean;
  readonly groups: readonly string[];
  /** The token left its groups out for their number: the caller counts as without groups. */
  readonly groupOverage: boolean;
}

/** A secure client: the identity of recording servers. */
export interface ClientCaller {
  readonly type: 'client';
  readonly customerId: string;
  /** The secure client's id. */
  readonly id: string;
  readonly name: string;
  /** Which of its secrets it presented; absent in tokens of earlier versions. */
  readonly secretId?: string | undefined;
}

export interface Anonymous {
  readonly type: 'anonymous';
}

export type Caller = Administrator | ClientCaller | Anonymous;

/** Who made or changed something, and under which name. */
export interface Author {
  id: string;
  name: string;
}
