/** The outbox: every mail that was sent on this machine, through SMTP or Communication Services, in SQLite. */
import { randomUUID } from 'node:crypto';
import { type Database } from '../../stand-in-support/database';

export interface OutboxMail {
  id: string;
  via: 'smtp' | 'communicationServices';
  receivedAt: string;
  /** Addresses without display names; the raw headers of SMTP mails keep those. */
  from: string;
  to: string[];
  cc: string[];
  /** Recipients of the envelope that the message itself does not show. */
  bcc: string[];
  subject: string;
  messageId: string;
  /** Names in lower case. */
  headers: Record<string, string>;
  text?: string;
  html?: string;
  attachments: { name: string; sizeBytes: number }[];
  /** The user who signed in to the SMTP server, if any. */
  authenticatedUser?: string;
}

export const outboxSchema = `
  CREATE TABLE IF NOT EXISTS mail (position INTEGER PRIMARY KEY AUTOINCREMENT, content TEXT NOT NULL);
`;

export interface Outbox {
  /** Stores a mail before it returns. */
  add(mail: Omit<OutboxMail, 'id' | 'receivedAt'>): void;
  /** Newest last; `recipient` (any case) keeps the mails to, cc or bcc that address. */
  list(recipient?: string): OutboxMail[];
  clear(): void;
}

/** `database` must have been opened with `outboxSchema`. */
export function createOutbox(database: Database): Outbox {
  const insert = database.prepare('INSERT INTO mail (content) VALUES (?)');
  const all = database.prepare('SELECT content FROM mail ORDER BY position');
  const empty = database.prepare('DELETE FROM mail');
  return {
    add: (mail) => {
      insert.run(JSON.stringify({ id: randomUUID(), receivedAt: new Date().toISOString(), ...mail }));
    },
    list: (recipient) => {
      const rows = all.all() as { content: string }[];
      const mails = rows.map((row) => JSON.parse(row.content) as OutboxMail);
      return recipient === undefined ? mails : mails.filter((mail) => isFor(mail, recipient.toLowerCase()));
    },
    clear: () => {
      empty.run();
    },
  };
}

function isFor(mail: OutboxMail, recipient: string): boolean {
  return [...mail.to, ...mail.cc, ...mail.bcc].some((address) => address.toLowerCase() === recipient);
}
