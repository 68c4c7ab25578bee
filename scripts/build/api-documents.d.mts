/** Types of api-documents.mjs, which the build runs as it is. */
export function writeApiDocuments(folder: string): Promise<void>;
