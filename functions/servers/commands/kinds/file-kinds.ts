/** Commands about recording files that lie in the server's own storage. */
import { z } from 'zod';
import type { CommandKindSpec } from './command-kind';

const path = z
  .string()
  .min(1)
  .max(1_024)
  .describe('Full path of a recording file, as the server reported it');
const storedStaging = {
  recordingId: z.string().describe('The recording whose file it is'),
  path,
  sizeBytes: z.int().min(1).describe('Size of the file, as the server reported it'),
};
const long = { silenceSeconds: 600, maxRunSeconds: 7_200 };

export const fileKinds = {
  archiveFile: {
    description:
      'Move the file to the folder `location`, verify the copy, then delete the original. Where it was moved before, ' +
      'succeed with what is there. Failed when SYSTEM or NETWORK SERVICE cannot read and write the location.',
    parameters: z
      .object({
        path,
        location: z
          .string()
          .min(1)
          .max(1_024)
          .meta({
            description: 'A folder of the server, or a UNC path',
            examples: ['\\\\FILES01\\Archive'],
          }),
      })
      .meta({ id: 'ArchiveFileParameters' }),
    data: z
      .strictObject({
        kind: z.literal('archiveFile'),
        path: z.string().min(1).max(1_024).describe('Where the file lies now'),
        sizeBytes: z.int().min(0),
      })
      .meta({ id: 'ArchiveFileData' }),
    ...long,
  },
  deleteFile: {
    description: 'Delete the file. Successful also when it is not there.',
    parameters: z.object({ path }).meta({ id: 'DeleteFileParameters' }),
    data: z
      .strictObject({
        kind: z.literal('deleteFile'),
        existed: z.boolean().describe('False: the file was not there'),
      })
      .meta({ id: 'DeleteFileData' }),
    ...long,
  },
  uploadFile: {
    description:
      'Send the file to `url` by one PUT with the header `x-ms-blob-type: BlockBlob`; it stays where it is. 409 means that ' +
      'it was uploaded before, for instance by an attempt that was interrupted. Failed when the file is not there or has ' +
      'another size. Report progress while it lasts.',
    storedParameters: z.object(storedStaging),
    parameters: z
      .object({
        ...storedStaging,
        url: z
          .url()
          .describe('Permits creating this one blob until `urlExpiresAt`, not reading or replacing it'),
        urlExpiresAt: z.iso.datetime().describe('Begin the upload by then'),
      })
      .meta({ id: 'UploadFileParameters' }),
    data: z
      .strictObject({
        kind: z.literal('uploadFile'),
        sizeBytes: z.int().min(1).describe('Number of bytes that were uploaded'),
      })
      .meta({ id: 'UploadFileData' }),
    ...long,
  },
} as const satisfies Record<string, CommandKindSpec>;
