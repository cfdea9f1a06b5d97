import { fromMarkdown } from 'mdast-util-from-markdown';
import { gfmTableFromMarkdown } from 'mdast-util-gfm-table';
import { gfmTable } from 'micromark-extension-gfm-table';
import { visit } from 'unist-util-visit';
import { z } from 'zod';

/** What a command line brings, as the page says it. */
export type Answer =
  | { readonly json: z.core.util.JSONType } /** Both outputs, white space apart. */
  | { readonly text: string };

/** A block of command lines with what must come of it. */
export interface CommandLine {
  /** Of the page, from 1. */
  readonly line: number;
  readonly script: string;
  /** It says that a source document prints it like this: it may show secrets. */
  readonly asPrinted: boolean;
  /** By then the access token of the answer before has run out. */
  readonly expired: boolean;
  readonly exitCode: number;
  readonly answer: Answer;
}

/** What the page says of one source document. */
export interface Section {
  readonly title: string;
  /** What its command lines are given. */
  readonly variables: readonly string[];
  readonly commandLines: readonly CommandLine[];
}

/** Something that the page names, and where it must be. */
export interface Reference {
  readonly line: number;
  readonly text: string;
}

export interface Page {
  readonly sections: readonly Section[];
  /** Links to files. */
  readonly links: readonly Reference[];
  /** Texts in code type. */
  readonly words: readonly Reference[];
  /** What makes a part of the page one that nothing runs. */
  readonly flaws: readonly string[];
}

type Node = ReturnType<typeof fromMarkdown>['children'][number];

const AS_PRINTED = /^# As printed\b/;
const EXPIRED = '<!-- The access token has expired. -->';

/** Reads the page. What does not fit into its form is a flaw, not an error. */
export function readPage(markdown: string): Page {
  const root = fromMarkdown(markdown, {
    extensions: [gfmTable()],
    mdastExtensions: [gfmTableFromMarkdown()],
  });
  const flaws: string[] = [];
  const sections = sectionsOf(root.children).map(([title, nodes]) => ({
    title,
    variables: variablesOf(nodes),
    commandLines: linesOf(nodes, flaws),
  }));
  // Wherever else it stands (in a list, in a quotation), it is run by nobody.
  const top = new Set<unknown>(root.children);
  visit(root, 'code', (node) => {
    if (!top.has(node)) flaws.push(`${lineOf(node)}: a block inside of something else is not run`);
  });
  const links: Reference[] = [];
  visit(root, 'link', (node) => {
    if (!/^(?:https?:|#)/.test(node.url)) links.push({ line: lineOf(node), text: node.url });
  });
  return { sections, links, words: wordsOf(root.children), flaws };
}

function sectionsOf(nodes: readonly Node[]): [title: string, nodes: Node[]][] {
  const sections: [string, Node[]][] = [['', []]];
  for (const node of nodes) {
    if (node.type === 'heading' && node.depth === 2) {
      const title = node.children.map((part) => ('value' in part ? part.value : '')).join('');
      sections.push([title, []]);
    } else sections.at(-1)?.[1].push(node);
  }
  return sections;
}

/** The first column of the table with the heading "variable". */
function variablesOf(nodes: readonly Node[]): string[] {
  return nodes.flatMap((node) => {
    if (node.type !== 'table') return [];
    const firsts = node.children.flatMap((row) => row.children.slice(0, 1));
    const [heading, ...names] = firsts;
    if (textOf(heading) !== 'variable') return [];
    return wordsOf(names).map(({ text }) => text);
  });
}

function linesOf(nodes: readonly Node[], flaws: string[]): CommandLine[] {
  const lines: CommandLine[] = [];
  const answers = new Set<Node>();
  for (const [index, node] of nodes.entries()) {
    if (node.type !== 'code') continue;
    if (node.lang !== 'sh') {
      if (!answers.has(node)) flaws.push(`${lineOf(node)}: a block that nothing runs`);
      continue;
    }
    // Between the two there may be one paragraph, which says how the line ends.
    const said = nodes[index + 1]?.type === 'paragraph' ? nodes[index + 1] : undefined;
    const next = nodes[index + (said ? 2 : 1)];
    const answer = next?.type === 'code' ? answerOf(next.lang, next.value) : undefined;
    if (!next || !answer) {
      flaws.push(`${lineOf(node)}: a command line without an answer (json or text)`);
      continue;
    }
    answers.add(next);
    const before = nodes[index - 1];
    lines.push({
      line: lineOf(node),
      script: node.value,
      asPrinted: AS_PRINTED.test(node.value),
      expired: before?.type === 'html' && before.value === EXPIRED,
      exitCode: Number(/\bexit code (\d+)/i.exec(textOf(said))?.[1] ?? 0),
      answer,
    });
  }
  return lines;
}

function answerOf(lang: string | null | undefined, text: string): Answer | undefined {
  if (lang === 'text') return { text };
  return lang === 'json' ? jsonOf(text) : undefined;
}

/** Undefined where the text is no JSON. */
export function jsonOf(text: string): { json: z.core.util.JSONType } | undefined {
  try {
    return { json: z.json().parse(JSON.parse(text)) };
  } catch {
    return undefined;
  }
}

function wordsOf(nodes: readonly Node[]): Reference[] {
  const words: Reference[] = [];
  for (const node of nodes)
    visit(node, 'inlineCode', (word) => void words.push({ line: lineOf(word), text: word.value }));
  return words;
}

function textOf(node: Node | undefined): string {
  let text = '';
  if (node) visit(node, 'text', ({ value }) => void (text += value));
  return text;
}

function lineOf(node: { position?: { start: { line: number } } | undefined }): number {
  return node.position?.start.line ?? 0;
}
