/** Texts such as events carry them: names, command lines, paths, addresses of pages, made of one set of words. */
import type { Random } from '../../../infra/local/stand-in-support/random';

const ONSETS = [
  'b',
  'br',
  'c',
  'd',
  'f',
  'g',
  'gr',
  'k',
  'l',
  'm',
  'n',
  'p',
  'pl',
  'r',
  's',
  'st',
  't',
  'tr',
  'v',
];
const VOWELS = ['a', 'e', 'i', 'o', 'u', 'ea', 'ou'];
const ENDINGS = ['n', 'r', 's', 'l', 'x', 'nd', 'rk', 'st', ''];
const EXTENSIONS = ['docx', 'xlsx', 'pdf', 'txt', 'csv', 'zip', 'pptx', 'log'];

/** A text, and the words of the vocabulary that are in it. */
export interface SampleText {
  readonly text: string;
  readonly words: readonly string[];
}

export class Vocabulary {
  private readonly words: readonly string[];

  constructor(random: Random, size: number) {
    const words = new Set<string>();
    const syllable = () => random.pick(ONSETS) + random.pick(VOWELS) + random.pick(ENDINGS);
    while (words.size < size) words.add(syllable() + syllable());
    this.words = [...words];
  }

  /** A text as an event carries it: some words are far more frequent than others. */
  eventText(field: string, random: Random): string {
    const word = () => this.words[Math.floor(this.words.length * random.next() ** 1.5)] ?? '';
    return this.write(field, word, random);
  }

  /** A text as an author of rules would choose it: any word. */
  ruleText(field: string, random: Random): SampleText {
    const words: string[] = [];
    const word = () => {
      const next = random.pick(this.words);
      words.push(next);
      return next;
    };
    return { text: this.write(field, word, random), words };
  }

  private write(field: string, word: () => string, random: Random): string {
    const capital = (text: string) => text.charAt(0).toUpperCase() + text.slice(1);
    const file = () => `${capital(word())}-${random.between(1, 9999)}.${random.pick(EXTENSIONS)}`;
    const path = () => `C:\\Users\\${capital(word())}\\${file()}`;
    switch (field) {
      case 'appName':
      case 'processName':
      case 'browserName':
        return `${word()}.exe`;
      case 'commandLine':
        return `C:\\${word()}\\${word()}.exe --${word()} ${file()}`;
      case 'url':
        return `https://${word()}.example/${word()}?id=${random.between(1, 99_999)}`;
      case 'path':
      case 'sourcePath':
      case 'destinationPath':
        return path();
      case 'name':
      case 'fileName':
        return file();
      case 'keyName':
        return `HKLM\\SOFTWARE\\${capital(word())}\\${capital(word())}`;
      case 'ipAddress':
        return `10.${random.below(4)}.${random.below(256)}.${random.between(1, 254)}`;
      default:
        return `${capital(word())} ${word()}`;
    }
  }
}
