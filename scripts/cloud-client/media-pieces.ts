/** Where a growing MP4 or WebM file can be cut, so that a player can begin with what follows: pure. */

const CLUSTER = Buffer.from('1f43b675', 'hex');
const BOX_HEADER_BYTES = 8;

/** How many of these bytes, which begin at a cut, are whole pieces; 0 while there is none. */
export function wholePieces(bytes: Buffer, container: 'mp4' | 'webm'): number {
  return container === 'mp4' ? wholeFragments(bytes) : Math.max(0, bytes.lastIndexOf(CLUSTER));
}

/** Whether a piece begins where recorders put a key frame: with the file, a fragment or a cluster. */
export function beginsPiece(bytes: Buffer, offset: number): boolean {
  const isFragment = bytes.toString('latin1', 4, 8) === 'moof';
  return offset === 0 || isFragment || bytes.subarray(0, CLUSTER.length).equals(CLUSTER);
}

/** The boxes that end with media; the header of a fragment without its media is none. */
function wholeFragments(bytes: Buffer): number {
  let [end, at] = [0, 0];
  while (at + BOX_HEADER_BYTES <= bytes.length) {
    const sizeBytes = bytes.readUInt32BE(at);
    // Long boxes and those without a size are not written by live recorders: they come with the end of the file.
    if (sizeBytes < BOX_HEADER_BYTES || at + sizeBytes > bytes.length) break;
    const isMedia = bytes.toString('latin1', at + 4, at + 8) === 'mdat';
    at += sizeBytes;
    if (isMedia) end = at;
  }
  return end;
}
