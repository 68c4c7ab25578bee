/** An SMTP server that delivers nothing: a mail is in the outbox before it is acknowledged. */
import { type Socket } from 'node:net';
import { buffer } from 'node:stream/consumers';
import PostalMime, { type Address, type Email } from 'postal-mime';
import { SMTPServer, type SMTPServerOptions, type SMTPServerSession } from 'smtp-server';
import { type Tls } from '../../stand-in-support/server';
import { type Outbox, type OutboxMail } from '../outbox/outbox';
import { type SmtpFaults } from './smtp-faults';

const maxMessageBytes = 25 * 1_048_576;

export interface LocalSmtpServer {
  port: number;
  close(): Promise<void>;
}

/** Listens on 127.0.0.1 (port 0 takes a free one); STARTTLS comes before any password, which is not kept. */
export async function startSmtpServer(
  port: number,
  tls: Tls,
  outbox: Outbox,
  faults: SmtpFaults,
): Promise<LocalSmtpServer> {
  const server = new SMTPServer({
    key: tls.key,
    cert: tls.cert,
    size: maxMessageBytes,
    authMethods: ['PLAIN', 'LOGIN'],
    authOptional: true,
    disableReverseLookup: true,
    closeTimeout: 1000,
    ...handlers(outbox, faults),
  });
  // A client that disconnects early is not a failure of the server.
  server.on('error', (error) => console.error('SMTP:', error.message));
  server.server.on('connection', (socket: Socket) => faults.remember(socket));
  const listening = await new Promise<number>((resolve, reject) => {
    server.server.once('error', reject);
    server.listen(port, '127.0.0.1', () => {
      const address = server.server.address();
      resolve(typeof address === 'object' && address !== null ? address.port : port);
    });
  });
  return { port: listening, close: () => new Promise((resolve) => server.close(() => resolve())) };
}

/** Every command is a call that faults can affect. */
function handlers(outbox: Outbox, faults: SmtpFaults): SMTPServerOptions {
  const accept = (): Promise<void> => Promise.resolve();
  return {
    onClose: (session) => faults.forget(session),
    onConnect: (session, callback) =>
      faults.carryOut(session, { method: 'CONNECT', path: session.remoteAddress }, accept, callback),
    onAuth: ({ username = '' }, session, callback) =>
      faults.carryOut(
        session,
        { method: 'AUTH', path: username },
        () => Promise.resolve({ user: username }),
        callback,
      ),
    onMailFrom: ({ address }, session, callback) =>
      faults.carryOut(session, { method: 'MAIL', path: address }, accept, callback),
    onRcptTo: ({ address }, session, callback) =>
      faults.carryOut(session, { method: 'RCPT', path: address }, accept, callback),
    onData: (stream, session, callback) => {
      const path = session.envelope.rcptTo.map(({ address }) => address).join(',');
      void buffer(stream).then(
        (message) =>
          faults.carryOut(
            session,
            { method: 'DATA', path, body: () => message.toString('utf8') },
            () => receive(message, session, outbox),
            callback,
          ),
        callback,
      );
    },
  };
}

async function receive(message: Buffer, session: SMTPServerSession, outbox: Outbox): Promise<string> {
  outbox.add(toMail(await PostalMime.parse(message), session));
  return 'OK: in the outbox';
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
