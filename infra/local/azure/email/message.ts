/** The mail of `POST /emails:send` and what the service checks before it accepts one. */
import { z } from 'zod';
import { HttpError } from '../../stand-in-support/errors';
import { jsonBody, type LocalRequest } from '../../stand-in-support/server';

const addressPattern = /^[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+$/;
const recipient = z.object({ address: z.string().regex(addressPattern), displayName: z.string().optional() });
const recipients = z.array(recipient).optional();

const schema = z.object({
  senderAddress: z.string().regex(addressPattern),
  content: z.object({
    subject: z.string().min(1),
    plainText: z.string().optional(),
    html: z.string().optional(),
  }),
  recipients: z.object({ to: recipients, cc: recipients, bcc: recipients }),
  headers: z.record(z.string(), z.string()).optional(),
  attachments: z
    .array(z.object({ name: z.string(), contentType: z.string(), contentInBase64: z.base64() }))
    .optional(),
  replyTo: recipients,
  userEngagementTrackingDisabled: z.boolean().optional(),
});

export type EmailMessage = z.infer<typeof schema>;

/** Source: https://learn.microsoft.com/azure/communication-services/concepts/service-limits ("Email"). */
const maxRecipients = 50;

/** Reads and checks a message; `senderDomain` is the one domain linked to the resource. */
export function readMessage(request: LocalRequest, senderDomain: string): EmailMessage {
  const parsed = schema.safeParse(jsonBody(request));
  if (!parsed.success) {
    throw new HttpError(400, 'BadRequest', z.prettifyError(parsed.error));
  }
  const message = parsed.data;
  const { to = [], cc = [], bcc = [] } = message.recipients;
  const count = to.length + cc.length + bcc.length;
  if (count === 0 || count > maxRecipients) {
    throw new HttpError(
      400,
      'BadRequest',
      `A mail has 1 to ${maxRecipients} recipients; this one has ${count}.`,
    );
  }
  if (message.content.plainText === undefined && message.content.html === undefined) {
    throw new HttpError(400, 'BadRequest', 'The content needs plainText or html.');
  }
  if (!message.senderAddress.toLowerCase().endsWith(`@${senderDomain.toLowerCase()}`)) {
    throw new HttpError(404, 'DomainNotLinked', 'The specified sender domain has not been linked.');
  }
  return message;
}
