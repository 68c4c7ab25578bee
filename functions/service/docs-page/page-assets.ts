/** The style and the script of the documentation page, and the policy that allows them alone. */
import { createHash } from 'node:crypto';
import { Html } from './html';

const STYLE = `
:root{color-scheme:light dark;--line:#8884;--mark:#8882}
*{box-sizing:border-box}
body{font:16px/1.5 system-ui,sans-serif;max-width:64rem;margin:0 auto;padding:1rem;overflow-wrap:anywhere}
search{display:flex;flex-wrap:wrap;gap:.5rem;align-items:center;position:sticky;top:0;padding:.6rem 0;background:Canvas;z-index:1;border-bottom:1px solid var(--line)}
search[hidden]{display:none}
input{font:inherit;flex:1 1 12rem;min-width:0;padding:.4rem .6rem}
nav ul{columns:12rem auto;padding-left:1.2rem}
code,pre{font-family:ui-monospace,monospace;font-size:.875em}
h2{margin-top:2.5rem}h3{margin:1rem 0 .3rem;font-size:1em}
[id]{scroll-margin-top:4rem}
.item:target{background:var(--mark)}
details{border:1px solid var(--line);border-radius:.4rem;margin:.5rem 0;padding:.5rem .8rem}
summary{cursor:pointer}.method{font-weight:700}
summary span:last-child{opacity:.8}
.wide{overflow-x:auto}
table{border-collapse:collapse;width:100%}td,th{border-bottom:1px solid var(--line);padding:.25rem .5rem;text-align:left;vertical-align:top;min-width:5rem;overflow-wrap:break-word}
.copyable{position:relative}.copyable button{position:absolute;top:.3rem;right:.3rem;font:inherit;font-size:.8em}
pre{overflow:auto;max-height:24rem;border:1px solid var(--line);border-radius:.4rem;padding:.6rem;overflow-wrap:normal}
@media (max-width:40rem){.wide td,.wide th{font-size:.875em;padding:.25rem}}`;

/** Opens what a link points to, filters while one types, and copies examples. */
const SCRIPT = `
const items = [...document.querySelectorAll('.item')];
const texts = new Map(items.map((item) => [item, item.textContent.toLowerCase()]));
const search = document.querySelector('search');
const input = document.getElementById('search');
const found = document.getElementById('found');
function openTarget() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target) return;
  if (target.hidden) { input.value = ''; filter(); }
  for (let outer = target; outer; outer = outer.parentElement) if (outer.tagName === 'DETAILS') outer.open = true;
  target.scrollIntoView();
}
function filter() {
  const words = input.value.toLowerCase().split(/\\s+/).filter(Boolean);
  let count = 0;
  for (const item of items) {
    const matches = words.every((word) => texts.get(item).includes(word));
    item.hidden = !matches;
    if (matches) count++;
  }
  for (const section of document.querySelectorAll('main > section'))
    section.hidden = words.length > 0 && !section.querySelector('.item:not([hidden])');
  found.textContent = words.length > 0 ? count + ' found' : '';
}
async function copy(button) {
  await navigator.clipboard.writeText(button.parentElement.querySelector('pre').textContent);
  button.textContent = 'Copied';
  setTimeout(() => { button.textContent = 'Copy'; }, 1500);
}
search.hidden = false;
for (const button of document.querySelectorAll('.copyable button')) {
  button.hidden = !navigator.clipboard;
  button.addEventListener('click', () => copy(button));
}
input.addEventListener('input', filter);
addEventListener('hashchange', openTarget);
openTarget();
`;

/** Whole elements: the policy's hashes are of every character between their tags. */
export const STYLE_ELEMENT = new Html(`<style>${STYLE}</style>`);
export const SCRIPT_ELEMENT = new Html(`<script>${SCRIPT}</script>`);

const hashOf = (text: string) => `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** Nothing is loaded, and nothing runs but the script above. */
export const CONTENT_SECURITY_POLICY = `default-src 'none'; script-src ${hashOf(SCRIPT)}; style-src ${hashOf(STYLE)}; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`;
