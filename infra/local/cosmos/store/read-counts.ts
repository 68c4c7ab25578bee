/** What queries have read since the gateway began, for benchmarks: counted only when it is asked for, since it costs time. */
export interface ReadCounts {
  /** Documents that were read and returned, or looked at by the evaluator. */
  documents: number;
  /** Entries of indexes: those that a seek found, and those that a walk in the order of the query came by. */
  indexEntries: number;
}
