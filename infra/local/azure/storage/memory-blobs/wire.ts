/** Requests and answers of single blobs, as REST writes them. */
import { type Blob, type Block } from './blob-account';
import { StorageError } from './storage-error';

export interface Answer {
  status: number;
  headers?: Record<string, string | number>;
  body?: Buffer | string;
}

interface Range {
  start: number;
  /** The byte after the last one. */
  end: number;
}

/** `bytes=A-B` or `bytes=A-`; any other text means the whole blob. @throws StorageError `InvalidRange` beyond its end */
export function rangeOf(text: string | undefined, length: number): Range | undefined {
  const [, first, last = ''] = /^bytes=(\d+)-(\d*)$/.exec(text ?? '') ?? [];
  if (first === undefined) return undefined;
  const start = Number(first);
  const end = last === '' ? length : Math.min(length, Number(last) + 1);
  if (start >= length || end <= start) throw new StorageError(416, 'InvalidRange');
  return { start, end };
}

/** The answer to Get Blob, and of Get Blob Properties all but the tier. */
export function readAnswer(blob: Blob, range: Range | undefined): Answer {
  const { content, contentType, createdAt } = blob;
  const headers = {
    ...writtenHeaders(blob),
    'content-type': contentType,
    'accept-ranges': 'bytes',
    'x-ms-blob-type': 'BlockBlob',
    'x-ms-creation-time': createdAt.toUTCString(),
    'x-ms-lease-state': 'available',
    'x-ms-lease-status': 'unlocked',
    'x-ms-server-encrypted': 'true',
  };
  if (!range) return { status: 200, headers, body: content };
  const contentRange = `bytes ${range.start}-${range.end - 1}/${content.length}`;
  const body = content.subarray(range.start, range.end);
  return { status: 206, headers: { ...headers, 'content-range': contentRange }, body };
}

export function writtenHeaders({ etag, modifiedAt }: Blob): Record<string, string> {
  return { etag, 'last-modified': modifiedAt.toUTCString() };
}

const KINDS = ['Committed', 'Uncommitted', 'Latest'] as const;

/** The blocks that Put Block List names. @throws StorageError `InvalidXmlDocument` */
export function blockListOf(xml: string): { kind: (typeof KINDS)[number]; id: string }[] {
  const list = /<BlockList>([\s\S]*)<\/BlockList>|<BlockList\s*\/>/.exec(xml);
  if (!list) throw new StorageError(400, 'InvalidXmlDocument');
  const [, items = ''] = list;
  const blocks = [...items.matchAll(/<(Committed|Uncommitted|Latest)>([^<]*)<\/\1>/g)];
  const rest = items.replaceAll(/<(Committed|Uncommitted|Latest)>[^<]*<\/\1>/g, '').trim();
  if (rest !== '') throw new StorageError(400, 'InvalidXmlDocument');
  return blocks.map(([, name, id = '']) => ({ kind: KINDS.find((kind) => kind === name) ?? 'Latest', id }));
}

/** The answer to Get Block List. @param type `committed`, `uncommitted` or `all` */
export function blockListXml(
  { committed, staged }: { committed: readonly Block[]; staged: readonly Block[] },
  type: string,
): string {
  const shown = (kind: string, blocks: readonly Block[]) =>
    type === 'all' || type === kind ? blocks.map(blockXml).join('') : '';
  const lists = `<CommittedBlocks>${shown('committed', committed)}</CommittedBlocks><UncommittedBlocks>${shown('uncommitted', staged)}</UncommittedBlocks>`;
  return `<?xml version="1.0" encoding="utf-8"?><BlockList>${lists}</BlockList>`;
}

function blockXml({ id, content }: Block): string {
  return `<Block><Name>${id}</Name><Size>${content.length}</Size></Block>`;
}
