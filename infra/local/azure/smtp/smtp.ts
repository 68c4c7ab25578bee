/** An SMTP server that delivers nothing: what it accepts is in the outbox before it says so. */
import { type Readable } from 'node:stream';
import PostalMime, { type Address, type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerSession } from 'smtp-server';
import { type Tls } from '../../kit/server';
import { type Outbox, type OutboxMail } from '../outbox/outbox';

const maxMessageBytes = 25 * 1_048_576;

export interface LocalSmtpServer {
  port: number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 (port 0 takes a free one); STARTTLS comes before any password, which is not kept. */
export async function startSmtpServer(port: number, tls: Tls, outbox: Outbox): Promise<LocalSmtpServer> {
  const server = new SMTPServer({
    key: tls.key,
    cert: tls.cert,
    size: maxMessageBytes,
    authMethods: ['PLAIN', 'LOGIN'],
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 1000,
    onAuth: (credentials, _session, callback) => callback(null, { user: credentials.username }),
    onData: (stream, session, callback) => {
      void receive(stream, session, outbox).then(
        () => callback(null, 'OK: in the outbox'),
        (error: unknown) => callback(error instanceof Error ? error : new Error(String(error))),
      );
    },
  });
  // A client that hangs up in the middle is no failure of the server.
  server.on('error', (error) => console.error('SMTP:', error.message));
  const listening = await new Promise<number>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
  return { port: listening, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

async function receive(stream: Readable, session: SMTPServerSession, outbox: Outbox): Promise<void> {
  const chunks: Buffer[] = [];
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    chunks.push(chunk);
  }
  const email = await PostalMime.parse(Buffer.concat(chunks));
  outbox.add(toMail(email, session));
}

function toMail(email: Email, session: SMTPServerSession): Omit<OutboxMail, 'id' | 'receivedAt'> {
  const to = addresses(email.to);
  const cc = addresses(email.cc);
  const shown = new Set([...to, ...cc].map((address) => address.toLowerCase()));
  const envelope = session.envelope.rcptTo.map(({ address }) => address);
  return {
    via: 'smtp',
    from: email.from?.address ?? '',
    to,
    cc,
    bcc: envelope.filter((address) => !shown.has(address.toLowerCase())),
    subject: email.subject ?? '',
    messageId: email.messageId ?? '',
    headers: Object.fromEntries(email.headers.map(({ key, value }) => [key, value])),
    text: email.text,
    html: email.html,
    attachments: email.attachments.map((attachment) => ({
      name: attachment.filename ?? '',
      sizeBytes:
        typeof attachment.content === 'string'
          ? Buffer.byteLength(attachment.content)
          : attachment.content.byteLength,
    })),
    ...(typeof session.user === 'string' ? { authenticatedUser: session.user } : {}),
  };
}

function addresses(list: Address[] | undefined): string[] {
  return (list ?? []).flatMap((entry) => (entry.group ?? [entry]).map(({ address }) => address ?? ''));
}
