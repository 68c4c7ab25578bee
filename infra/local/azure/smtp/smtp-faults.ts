/** Injected faults of the SMTP stand-in, with SMTP reply codes. */
import { type Socket } from 'node:net';
import { type SMTPServerSession } from 'smtp-server';
import { type Call } from '../../faults/fault';
import { type FaultRegistry } from '../../faults/fault-registry';
import { BrokenConnectionError, FaultInjector, type Refusal } from '../../faults/fault-injector';

const commands = ['CONNECT', 'AUTH', 'MAIL', 'RCPT', 'DATA'] as const;
type Command = (typeof commands)[number];

interface SmtpCall extends Call {
  method: Command;
}

export class SmtpFaults {
  /** One per command, so that a mail that is held back is overtaken by another mail, not by any other command. */
  private readonly byCommand: Map<Command, FaultInjector>;
  private readonly sockets = new Map<number, Socket>();

  constructor(registry: FaultRegistry) {
    this.byCommand = new Map(commands.map((command) => [command, new FaultInjector(registry, 'smtp')]));
  }

  /** Every connection must be registered, so that it can be broken, and removed when it has ended. */
  remember(socket: Socket): void {
    if (socket.remotePort !== undefined) this.sockets.set(socket.remotePort, socket);
  }

  /** By the session, since STARTTLS takes all listeners from the socket. */
  forget({ remotePort }: SMTPServerSession): void {
    this.sockets.delete(remotePort);
  }

  get connections(): number {
    return this.sockets.size;
  }

  /** Calls `done` with the result of the call; never when the connection is broken. */
  carryOut<Answer>(
    session: SMTPServerSession,
    call: SmtpCall,
    proceed: () => Promise<Answer>,
    done: (error: Error | null, answer?: Answer) => void,
  ): void {
    const faults = this.byCommand.get(call.method);
    const carriedOut = faults?.carryOut({ call, proceed, refuse }) ?? proceed();
    void carriedOut.then(
      (answer) => done(null, answer),
      (error: unknown) => {
        if (error instanceof BrokenConnectionError) this.sockets.get(session.remotePort)?.destroy();
        else done(error instanceof Error ? error : new Error(String(error)));
      },
    );
  }
}

/** What `smtp-server` answers with. */
class SmtpRefusal extends Error {
  constructor(
    readonly responseCode: number,
    message: string,
  ) {
    super(message);
  }
}

/**
 * The status is the reply code, and a code the enhanced one, such as `5.7.1`. SMTP knows no wait and no 429:
 * throttling is reported as Exchange Online does.
 * Source:
 * https://learn.microsoft.com/troubleshoot/exchange/email-delivery/ndr/fix-error-code-451-4-7-500-699-asxxx-in-exchange-online.
 */
function refuse({ status, code, message }: Refusal): never {
  if (status === 429) throw new SmtpRefusal(451, '4.7.500 Server busy. Please try again later');
  throw new SmtpRefusal(status, code === undefined ? message : `${code} ${message}`);
}
