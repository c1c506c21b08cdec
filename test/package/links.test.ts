/** The links of the documents lead to files and headings that are there, and from README.md to every document. */
import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';

const ROOT = join(__dirname, '../..');
const PAGES = execFileSync('git', ['ls-files', '--', '*.md', ':!.github'], { cwd: ROOT, encoding: 'utf8' })
  .trimEnd()
  .split('\n');

it.each(PAGES)('%s has no link that leads nowhere', (page) => {
  const broken = linksOf(page).filter(
    ({ target, heading }) =>
      !existsSync(join(ROOT, target)) || (heading !== undefined && !headingsOf(join(ROOT, target)).includes(heading)),
  );
  expect(broken.map(({ link }) => link)).toEqual([]);
});

it('README.md leads to every document', () => {
  const found = new Set(['README.md']);
  for (const page of found) {
    for (const { target } of linksOf(page)) {
      const path = [target, join(target, 'README.md')].find((path) => PAGES.includes(path));
      if (path !== undefined) found.add(path);
    }
  }
  expect(PAGES.filter((page) => !found.has(page))).toEqual([]);
});

it('docs/README.md leads to every other page', () => {
  const index = readFileSync(join(ROOT, 'docs/README.md'), 'utf8');
  const pages = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md') && name !== 'README.md');
  expect(pages.filter((name) => !index.includes(`](${name})`))).toEqual([]);
});

/** Those within the repository; `target` from its top. */
function linksOf(page: string): { link: string; target: string; heading: string | undefined }[] {
  const text = readFileSync(join(ROOT, page), 'utf8').replace(/^```.*?^```/gms, '');
  return [...text.matchAll(/\]\((?!https?:)([^)#\s]*)(?:#([^)\s]+))?\)/g)].map(([link, path = '', heading]) => ({
    link,
    target: path === '' ? page : join(dirname(page), path).replaceAll('\\', '/').replace(/\/$/, ''),
    heading,
  }));
}

/** As GitHub makes anchors of them. */
function headingsOf(path: string): string[] {
  const titles = [...readFileSync(path, 'utf8').matchAll(/^#+ (.+)$/gm)].map(([, title]) => title as string);
  return titles.map((title) =>
    title
      .toLowerCase()
      .replace(/[^\w\- ]/g, '')
      .replaceAll(' ', '-'),
  );
}
