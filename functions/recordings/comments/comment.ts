/** Comments of administrators on a moment of a recording. */
import { z } from 'zod';
import { documentType } from '../../../shared/cosmos/document-type';
import type { Author } from '../../../shared/identity/caller';

const SEVERITIES = ['normal', 'medium', 'severe'] as const;
const MAX_TEXT_CHARACTERS = 2_000;

/** Lies with the session of its recording. */
export interface Comment {
  id: string;
  recordingId: string;
  /** Seconds from the start of the recording. */
  positionSeconds: number;
  text: string;
  severity: (typeof SEVERITIES)[number];
  /** The name is that of the time: it stays when the administrator is deleted. */
  author: Author;
  /** RFC 3339 UTC. */
  at: string;
}

export const commentType = documentType<Comment>('comment', { ttlSeconds: 'never' });

/** Points to a comment of an administrator, with the administrator's own data; the comment itself decides what is shown. */
interface OwnComment {
  /** That of the comment. */
  id: string;
  recordingId: string;
  /** RFC 3339 UTC. */
  at: string;
}

export const ownCommentType = documentType<OwnComment>('own-comment', { ttlSeconds: 'never' });

export const severity = z
  .enum(SEVERITIES)
  .describe('How serious it is')
  .meta({ examples: ['severe'] });

export const newComment = z
  .strictObject({
    positionSeconds: z
      .number()
      .nonnegative()
      .max(366 * 86_400)
      .describe('Seconds from the start of the recording'),
    text: z
      .string()
      .trim()
      .min(1)
      .max(MAX_TEXT_CHARACTERS)
      .refine((text) => !/\p{Surrogate}/u.test(text), 'Contains an unpaired surrogate.')
      .describe('What the author says about this moment')
      .meta({ examples: ['Opened the salary table here.'] }),
    severity: severity.default('normal'),
  })
  .meta({ id: 'NewComment' });

export const commentView = z
  .object({
    id: z.string(),
    recordingId: z.string(),
    positionSeconds: z.number().nonnegative().describe('Seconds from the start of the recording'),
    text: z
      .string()
      .describe('What the author says about this moment')
      .meta({ examples: ['Opened the salary table here.'] }),
    severity,
    author: z.object({
      id: z.string(),
      name: z
        .string()
        .describe('Name of the author when it was written')
        .meta({ examples: ['ada@contoso.example'] }),
    }),
    createdAt: z.iso.datetime(),
    own: z.boolean().describe('Whether the caller is its author, and may delete it'),
  })
  .meta({ id: 'Comment' });

/** A comment as the API shows it to an administrator. */
export function viewOfComment(comment: Comment, readerId: string): z.input<typeof commentView> {
  return { ...comment, createdAt: comment.at, own: comment.author.id === readerId };
}
