import fc from 'fast-check';
import { pathSegments, RouteTemplate } from './route-template';

const match = (template: string, path: string) => new RouteTemplate(template).match(pathSegments(path));
const covers = (earlier: string, later: string) =>
  new RouteTemplate(earlier).covers(new RouteTemplate(later));

const word = fc.stringMatching(/^[a-z]{1,5}$/);
/** Any text that can stand in one path segment of a URL. */
const segmentValue = fc
  .string({ minLength: 1, unit: 'grapheme' })
  .filter((text) => !text.includes('/') && !/%2f/i.test(text));

describe('route templates', () => {
  it('match literals in any letter case and nothing beside them', () => {
    expect(match('sites/all', '/Sites/ALL')).toEqual({});
    expect(match('sites/all', '/sites/all/')).toEqual({});
    expect(match('sites/all', '/sites')).toBeUndefined();
    expect(match('sites/all', '/sites/all/more')).toBeUndefined();
    expect(match('', '/')).toEqual({});
  });

  it('decode parameters, but leave an encoded slash and a broken escape as they are', () => {
    expect(match('x/{id}', '/x/a%20b')).toEqual({ id: 'a b' });
    expect(match('x/{id}', '/x/a%2Fb')).toEqual({ id: 'a%2Fb' });
    expect(match('x/{id}', '/x/%zz')).toEqual({ id: '%zz' });
  });

  it('take optional parameters and catch-alls that are not there', () => {
    expect(match('x/{id?}', '/x')).toEqual({});
    expect(match('x/{id}', '/x')).toBeUndefined();
    expect(match('x/{*rest}', '/x')).toEqual({});
    expect(match('x/{**rest}', '/x/a/b/c')).toEqual({ rest: 'a/b/c' });
  });

  it.each([
    ['int', '-12', '1.5'],
    ['long', '9007199254740993', '1e3'],
    ['double', '1.5', 'one'],
    ['bool', 'True', 'yes'],
    ['guid', '0f8fad5b-d9cb-469f-a165-70867728950e', '0f8fad5b'],
    ['alpha', 'abc', 'ab1'],
    ['min(3)', '3', '2'],
    ['max(3)', '3', '4'],
    ['range(2,3)', '2', '4'],
    ['minlength(2)', 'ab', 'a'],
    ['maxlength(2)', 'ab', 'abc'],
    ['length(2)', 'ab', 'abc'],
    ['length(1,2)', 'a', 'abc'],
    ['regex(^\\d{{2}}-[[a-c]]$)', '12-a', '1-a'],
    ['int:min(5)', '5', '4'],
  ])('hold a parameter to its constraint %s', (constraint, good, bad) => {
    expect(match(`x/{id:${constraint}}`, `/x/${good}`)).toEqual({ id: good });
    expect(match(`x/{id:${constraint}}`, `/x/${bad}`)).toBeUndefined();
  });

  it('are refused when they cannot be matched here', () => {
    expect(() => new RouteTemplate('files/{name}.{extension}')).toThrow(
      `segment '{name}.{extension}' is not implemented`,
    );
    expect(() => new RouteTemplate('x/{id:odd}')).toThrow(`constraint 'odd' is not implemented`);
  });

  it('give back every value that was put into the URL', () => {
    fc.assert(
      fc.property(word, segmentValue, (literal, value) => {
        expect(match(`${literal}/{id}`, `/${literal}/${encodeURIComponent(value)}`)).toEqual({ id: value });
      }),
    );
  });
});

describe('hiding of one route by another', () => {
  it('is seen where a parameter stands for a literal or a freer parameter', () => {
    expect(covers('sites/{id}', 'sites/search')).toBe(true);
    expect(covers('sites/{id}', 'sites/{name}')).toBe(true);
    expect(covers('sites/{*rest}', 'sites/{id}/servers')).toBe(true);
    expect(covers('sites/{id?}', 'sites')).toBe(true);
  });

  it('is not seen where some path is left to the later route', () => {
    expect(covers('sites/search', 'sites/{id}')).toBe(false);
    expect(covers('sites/{id:int}', 'sites/search')).toBe(false);
    expect(covers('sites/{id:int}', 'sites/{id}')).toBe(false);
    expect(covers('sites/{id}', 'sites/{id?}')).toBe(false);
    expect(covers('sites/{id}', 'sites/{*rest}')).toBe(false);
    expect(covers('{a}/b', 'a/{b}')).toBe(false);
  });

  it('means that every path of the later one matches the earlier one', () => {
    const segment = fc.oneof(word, fc.constantFrom('{a}', '{b:int}'));
    const template = fc.array(segment, { minLength: 1, maxLength: 3 }).map((segments) => segments.join('/'));
    fc.assert(
      fc.property(
        template,
        template,
        fc.array(fc.oneof(word, fc.constantFrom('1', '22')), { maxLength: 3 }),
        (first, second, path) => {
          const isHidden = covers(first, second);
          const reachesSecond = new RouteTemplate(second).match(path) !== undefined;
          if (isHidden && reachesSecond) expect(new RouteTemplate(first).match(path)).toBeDefined();
        },
      ),
    );
  });
});
