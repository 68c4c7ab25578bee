/** Sends a test mail through the mail account of a site, and says what the mail server answered. */
import { documentType } from '../../shared/cosmos/document-type';
import { derivedId } from '../../shared/ids';
import { type MailMessage, MailNotSent, sendSmtp } from '../../shared/mail/smtp';
import { Problem } from '../../shared/problem';
import type { Services } from '../../shared/services';
import { NotAnswered, TIME_LIMITS, withinTimeLimit } from '../../shared/time-limits';
import type { SiteSettings } from './site-settings';
import { smtpAccountOf } from './smtp-account';

/** A site sends one test mail in this time. */
const TEST_MAIL_PERIOD_SECONDS = 10;

/** Says that a site sent a test mail in a period; kept longer than that, so that clocks may differ. */
interface TestMailMark {
  /** Site and number of the period since 1970. */
  id: string;
}

const testMailMarkType = documentType<TestMailMark>('test-mail', { ttlSeconds: 3_600 });

type Sender = NonNullable<SiteSettings['emailAlerts']>['sender'];

interface TestMail {
  services: Pick<Services, 'config' | 'secrets' | 'database' | 'clock'>;
  customerId: string;
  settings: SiteSettings;
  recipient: string;
}

export interface TestMailResult {
  accepted: boolean;
  /** What the mail server answered, or why it was not asked: one line. */
  answer: string;
}

/** @throws Problem `conflict` without a mail account, `too-many-requests` for the second mail of a period */
export async function sendTestMail(request: TestMail): Promise<TestMailResult> {
  const { services, settings } = request;
  const { emailAlerts } = settings;
  if (!emailAlerts)
    throw new Problem('conflict', 'The site has no mail account: set emailAlerts in its settings first.');
  await limitRate(request);
  try {
    return await withinTimeLimit('The mail server', TIME_LIMITS.testMail, async () => {
      const account = await smtpAccountOf(services, emailAlerts);
      const { refused, answer = '' } = await sendSmtp(account, testMail(request, emailAlerts.sender));
      const [refusal] = refused;
      return refusal ? { accepted: false, answer: refusal.reason } : { accepted: true, answer };
    });
  } catch (error) {
    if (error instanceof MailNotSent) return { accepted: false, answer: error.reason };
    if (error instanceof NotAnswered) return { accepted: false, answer: `${error.message}.` };
    throw error;
  }
}

function testMail({ services, customerId, settings, recipient }: TestMail, sender: Sender): MailMessage {
  const at = services.clock.now().toISOString();
  const { hostname } = new URL(services.config.publicUrl);
  const text = `This is a test mail of the Session Recording service, sent at ${at}. The mail account of the site works.`;
  return {
    messageId: `${derivedId('test mail', customerId, settings.id, at)}@${hostname}`,
    from: { name: sender.displayName, address: sender.address },
    to: [recipient],
    subject: 'Session Recording - Test mail',
    text,
    html: `<p>${text}</p>`,
  };
}

async function limitRate({ services: { database, clock }, customerId, settings }: TestMail): Promise<void> {
  const seconds = clock.now().getTime() / 1_000;
  const id = `${settings.id}-${Math.floor(seconds / TEST_MAIL_PERIOD_SECONDS)}`;
  if (await database.control(customerId).createIfAbsent(testMailMarkType, { id })) return;
  throw new Problem(
    'too-many-requests',
    'A test mail of this site was sent just now: wait before the next one.',
    {
      retryAfterSeconds: Math.ceil(TEST_MAIL_PERIOD_SECONDS - (seconds % TEST_MAIL_PERIOD_SECONDS)),
    },
  );
}
