import { STATUS_CODES } from 'node:http';
import { TITLES } from '../../servers/server.ts';
import type { Answer } from '../answer.ts';
import type { Finding, Play } from '../finding.ts';
import { changes } from './change.ts';
import { anchor, block, code, page, table } from './markdown.ts';
import { reports } from './reports.ts';
import { literal, meaningOf, titleOf } from './words.ts';

/** The page of one error. @param findings of all provocations at all servers */
export function errorPage(
  name: string,
  findings: readonly Finding[],
  generated: string,
): Promise<string> {
  const here = findings.filter((finding) => finding.page === name);
  const provocations = [...new Set(here.map(({ provocation }) => provocation))];
  const sections = provocations.map((provocation) =>
    section(
      name,
      findings.filter((finding) => finding.provocation === provocation),
    ),
  );
  const answers = here.map((finding) => ({
    said: literal(finding),
    server: finding.plays[0]?.byApi ? 'an API' : TITLES[finding.server],
    title: finding.provocation.title,
  }));
  return page([
    `# ${titleOf(name)}`,
    table(['what came back', 'from', 'because'], causes(answers)),
    meaningOf(name),
    ...sections.flat(),
    generated,
  ]);
}

/** One cause: the answers, the cause, the change, the reports, and what other servers do. */
function section(name: string, findings: readonly Finding[]): string[] {
  const here = findings.filter((finding) => finding.page === name);
  const { title, cause, how } = here[0]!.provocation;
  return [
    `## ${title}`,
    ...here.flatMap(exchanges),
    `**Cause.** ${cause}`,
    ...changes(here),
    ...reports(here),
    how.by === 'request' ? `**Sent by hand**, since no client here sends it. ${how.who}` : '',
    elsewhere(name, findings),
  ];
}

function exchanges({ server, plays }: Finding): string[] {
  const [first] = plays;
  if (!first?.answer) return [`At ${TITLES[server]} nothing is sent.`];
  return [
    `${answererOf(first, server)} answers`,
    block(response(first.answer), 'http'),
    'to',
    block(first.request ?? '', 'http'),
  ];
}

function answererOf({ byApi = false }: Play, server: Finding['server']): string {
  const title = TITLES[server];
  return byApi ? `The ticketing API of the tests, which trusts ${title},` : title;
}

function response({ status, headers, body }: Answer): string {
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`.trim(),
    ...headers.map(([name, value]) => `${name}: ${value}`),
  ].join('\n');
  return body === '' ? head : `${head}\n\n${body}`;
}

function elsewhere(name: string, findings: readonly Finding[]): string {
  const others = findings.filter((finding) => finding.page !== name);
  if (others.length === 0) return '';
  const lines = others.map(({ server, page: other, provocation }) => {
    const { title, notAt = {} } = provocation;
    if (other !== undefined)
      return `- ${TITLES[server]}: [${titleOf(other)}](${other}.md#${anchor(title)})`;
    const why = notAt[server];
    return `- ${TITLES[server]}: ${why === undefined ? 'does not mind, and answers as if nothing were wrong' : `not tried, ${why}`}`;
  });
  return ['**Other servers**', '', ...lines].join('\n');
}

/** Each answer once, with the servers that give it and all that it can mean. */
function causes(
  answers: readonly { said: string | undefined; server: string; title: string }[],
): string[][] {
  return [...Map.groupBy(answers, ({ said }) => said)].map(([said, same]) => [
    said === undefined ? 'nothing: no request is sent' : code(said),
    [...new Set(same.map(({ server }) => server))].join(', '),
    [...new Set(same.map(({ title }) => `[${title}](#${anchor(title)})`))].join('<br>'),
  ]);
}
