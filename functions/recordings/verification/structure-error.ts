/** What is wrong with a file, as a clause for people: `its box moov reaches beyond the file`. */
export class StructureError extends Error {
  override readonly name = 'StructureError';
}
