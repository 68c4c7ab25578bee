/** The search of templates, the same in the database and among the built-in ones. Pure. */
import { type EventCategory, foldText } from '../policies/engine';

/** Case-folded copies of the searched fields. */
export interface SearchKeys {
  searchText: string;
  themeKey: string;
  contributorKey: string;
}

export interface TemplateFilter {
  /** Words, each of which must occur in name, description, theme or contributor. */
  keyword?: string | undefined;
  theme?: string | undefined;
  category?: EventCategory | undefined;
  /** Part of the contributor's name. */
  contributor?: string | undefined;
}

/** Folds case and width. */
const fold = (text: string): string => foldText(text.normalize('NFKC'));

export function searchKeys(
  { name, description, theme }: { name: string; description: string; theme: string },
  contributor: string,
): SearchKeys {
  return {
    searchText: fold([name, description, theme, contributor].join('\n')),
    themeKey: fold(theme),
    contributorKey: fold(contributor),
  };
}

/** Whether a template satisfies the filter. */
export function matchesFilter(
  template: SearchKeys & { categories: readonly EventCategory[] },
  { keyword, theme, category, contributor }: TemplateFilter,
): boolean {
  return (
    wordsOf(keyword).every((word) => template.searchText.includes(word)) &&
    (theme === undefined || template.themeKey === fold(theme)) &&
    (category === undefined || template.categories.includes(category)) &&
    (contributor === undefined || template.contributorKey.includes(fold(contributor)))
  );
}

/** The filter as conditions of a query; without conditions it matches everything. */
export function filterCondition({ keyword, theme, category, contributor }: TemplateFilter) {
  const words = wordsOf(keyword);
  const conditions = words.map((_, index) => `CONTAINS(c.searchText, @word${index})`);
  const parameters: Record<string, string> = Object.fromEntries(
    words.map((word, index) => [`word${index}`, word]),
  );
  if (theme !== undefined) {
    conditions.push('c.themeKey = @theme');
    parameters['theme'] = fold(theme);
  }
  if (category !== undefined) {
    conditions.push('ARRAY_CONTAINS(c.categories, @category)');
    parameters['category'] = category;
  }
  if (contributor !== undefined) {
    conditions.push('CONTAINS(c.contributorKey, @contributor)');
    parameters['contributor'] = fold(contributor);
  }
  return { conditions, parameters };
}

function wordsOf(keyword: string | undefined): string[] {
  return fold(keyword ?? '')
    .split(/\s+/)
    .filter((word) => word !== '');
}
