/** For tests: the real recordings beside it, and the segments that their recorder appended. */
import { readFileSync } from 'node:fs';
import path from 'node:path';

const read = (name: string) => readFileSync(path.join(__dirname, 'media', name));

export const REAL_MP4 = read('screen.mp4');
export const REAL_WEBM = read('screen.webm');
