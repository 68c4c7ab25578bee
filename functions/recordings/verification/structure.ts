/** Checks that a file of a declared container is one from its first to its last byte, as a stream. */
import type { RecordingContainer } from '../recording';
import { EventLines } from './event-lines';
import { Mp4Boxes } from './mp4-boxes';
import { WebmElements } from './webm-elements';

/** Takes a file in pieces. Both methods throw StructureError at the first thing that is wrong. */
export interface StructureCheck {
  push(piece: Buffer): void;
  /** To be called when the file is over. */
  end(): void;
}

/** The check of a container; `sizeBytes` is the size of the whole file. */
export function structureCheck(container: RecordingContainer, sizeBytes: number): StructureCheck {
  switch (container) {
    case 'mp4':
      return new Mp4Boxes(sizeBytes);
    case 'webm':
      return new WebmElements(sizeBytes);
    case 'events':
      return new EventLines();
  }
}
