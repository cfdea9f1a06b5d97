import { fileURLToPath } from 'node:url';
import { format, resolveConfig } from 'prettier';

const ANY_PAGE = fileURLToPath(new URL('../../../../docs/errors/README.md', import.meta.url));

/** Text as code, whatever it holds. */
export function code(text: string): string {
  const longest = Math.max(0, ...[...text.matchAll(/`+/g)].map(([ticks]) => ticks.length));
  const fence = '`'.repeat(longest + 1);
  const padding = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${padding}${text}${padding}${fence}`;
}

/** A block of code that nobody formats. */
export function block(text: string, language: string): string {
  return `\`\`\`${language}\n${text}\n\`\`\``;
}

export function table(head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]) =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|').replaceAll('\n', ' ')).join(' | ')} |`;
  return [line(head), line(head.map(() => '---')), ...rows.map(line)].join('\n');
}

/** The fragment under which GitHub finds a heading. */
export function anchor(heading: string): string {
  return heading
    .toLowerCase()
    .replaceAll(/[^\p{L}\p{N}_\- ]/gu, '')
    .replaceAll(' ', '-');
}

/** Puts parts together and formats them as the repository's settings want it. */
export async function page(parts: readonly string[]): Promise<string> {
  const config = await resolveConfig(ANY_PAGE);
  const text = parts.filter((part) => part !== '').join('\n\n');
  return format(text, { ...config, parser: 'markdown' });
}
