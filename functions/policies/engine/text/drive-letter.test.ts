import { foldDrive, isDrive } from './drive-letter';

describe('drives', () => {
  it.each(['D', 'd', 'D:', 'd:', 'D:\\', 'd:/'])('%s is drive d', (text) => {
    expect(foldDrive(text)).toBe('d');
    expect(isDrive(text)).toBe(true);
  });

  it.each(['DD', '', ':', 'D:\\x', '1:', 'é:'])('%s is none', (text) => {
    expect(isDrive(text)).toBe(false);
  });
});
