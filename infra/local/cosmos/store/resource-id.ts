/** Resource ids (`_rid`): 4 bytes for the database, 4 for the container, 8 for the document, in base64. */

export function databaseRid(database: number): string {
  return encode(4, (bytes) => bytes.writeUInt32BE(database, 0));
}

export function containerRid(database: number, container: number): string {
  return encode(8, (bytes) => {
    bytes.writeUInt32BE(database, 0);
    // The first bit distinguishes a container from a user.
    bytes.writeUInt32BE((container | 0x80000000) >>> 0, 4);
  });
}

export function documentRid(database: number, container: number, sequence: number): string {
  return encode(16, (bytes) => {
    bytes.writeUInt32BE(database, 0);
    bytes.writeUInt32BE((container | 0x80000000) >>> 0, 4);
    bytes.writeBigUInt64BE(BigInt(sequence), 8);
  });
}

function encode(length: number, write: (bytes: Buffer) => void): string {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes.toString('base64').replaceAll('/', '-');
}
