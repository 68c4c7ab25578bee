/** Sends one mail through an SMTP server that a customer chose. */
import { isIP } from 'node:net';
import { createTransport, type NodemailerError, type SMTPTransportOptions } from 'nodemailer';
import { TIME_LIMITS, withinTimeLimit } from '../time-limits';
import { ForbiddenHost, type GuardOptions, guardedAddress } from './address-guard';
import { oneLine } from './text';

const MAX_HEADER_CHARACTERS = 250;

export interface SmtpAccount extends GuardOptions {
  host: string;
  port: number;
  allowedPorts: readonly number[];
  /** TLS from the first byte, or by STARTTLS: never without. */
  tls: 'implicit' | 'startTls';
  /** Signs in only when given. */
  credentials?: { userName: string; password: string } | undefined;
}

export interface MailMessage {
  /** Without angle brackets; the same for every try, so that a repeat is recognisable. */
  messageId: string;
  from: { name: string; address: string };
  to: readonly string[];
  subject: string;
  text: string;
  html: string;
}

/** A mail that was not accepted. */
export class MailNotSent extends Error {
  override readonly name = 'MailNotSent';

  constructor(
    /** Readable for administrators. */
    readonly reason: string,
    /** Whether a retry would fail too. */
    readonly permanent: boolean,
    options?: { cause: unknown },
  ) {
    super(reason, options);
  }
}

/** A recipient that the server rejected. */
export interface RefusedRecipient {
  address: string;
  /** The server's response: one line, readable for administrators. */
  reason: string;
  /** Whether a retry would fail too. */
  permanent: boolean;
}

/**
 * Sends the mail; resolves with the recipients that the server refused, maybe all of them, when the others have it, and
 * with what the server answered when it took the mail: one line.
 * @throws MailNotSent when it failed for a reason other than its recipients: it was not delivered at all
 */
export async function sendSmtp(
  account: SmtpAccount,
  message: MailMessage,
): Promise<{ refused: RefusedRecipient[]; answer?: string }> {
  const transport = createTransport(await transportOptions(account));
  try {
    const info = await transport.sendMail({
      ...message,
      messageId: `<${oneLine(message.messageId, MAX_HEADER_CHARACTERS)}>`,
      subject: oneLine(message.subject, MAX_HEADER_CHARACTERS),
      from: { ...message.from, name: oneLine(message.from.name, MAX_HEADER_CHARACTERS) },
      to: message.to.map((address) => ({ name: '', address })),
      // RFC 3834: keeps vacation notices from answering.
      headers: { 'Auto-Submitted': 'auto-generated' },
      signal: AbortSignal.timeout(TIME_LIMITS.mail.tryMilliseconds),
      disableFileAccess: true,
      disableUrlAccess: true,
    });
    return {
      refused: refusedRecipients(info['rejectedErrors']),
      answer: oneLine(String(info['response']), MAX_HEADER_CHARACTERS),
    };
  } catch (error) {
    const refused = refusedRecipients((error as NodemailerError).rejectedErrors);
    if (refused.length === message.to.length) return { refused };
    throw notSent(account, error);
  } finally {
    transport.close();
  }
}

async function transportOptions(account: SmtpAccount): Promise<SMTPTransportOptions> {
  const { host, port, credentials } = account;
  if (!account.allowedPorts.includes(port)) {
    throw new MailNotSent(`Port ${port} is not allowed: use ${account.allowedPorts.join(' or ')}`, true);
  }
  return {
    host: await checkedAddress(account),
    port,
    secure: account.tls === 'implicit',
    requireTLS: account.tls === 'startTls',
    // The certificate is that of the host as named, not of the address; an address is no server name (RFC 6066).
    ...(isIP(host) === 0 ? { servername: host } : {}),
    ...(credentials ? { auth: { user: credentials.userName, pass: credentials.password } } : {}),
    connectionTimeout: TIME_LIMITS.mailConnection.tryMilliseconds,
    greetingTimeout: TIME_LIMITS.mailConnection.tryMilliseconds,
    socketTimeout: TIME_LIMITS.mailSilence.tryMilliseconds,
  };
}

async function checkedAddress(account: SmtpAccount): Promise<string> {
  try {
    return await withinTimeLimit('Name resolution', TIME_LIMITS.mailConnection, () =>
      guardedAddress(account.host, account),
    );
  } catch (error) {
    const permanent = error instanceof ForbiddenHost;
    throw new MailNotSent(
      permanent ? error.message : `The address of ${account.host} cannot be found`,
      permanent,
      {
        cause: error,
      },
    );
  }
}

function refusedRecipients(errors: readonly NodemailerError[] = []): RefusedRecipient[] {
  return errors.map(({ recipient = '', response, message, permanent }) => ({
    address: recipient,
    reason: oneLine(response ?? message, MAX_HEADER_CHARACTERS),
    permanent: permanent === true,
  }));
}

/** Only an answer of class 5 is final (RFC 5321 §4.2.1); whatever else went wrong may go right later. */
function notSent({ host, port }: SmtpAccount, error: unknown): MailNotSent {
  const { message, permanent } = error as NodemailerError;
  const reason = `${host}:${port} did not take it: ${oneLine(message, MAX_HEADER_CHARACTERS)}`;
  return new MailNotSent(reason, permanent === true, { cause: error });
}
