import { type Exchange, form } from '../wire/exchange.ts';
import { relabeller } from './labels.ts';

const LONGEST_LINE = 240;
const LONGEST_STDERR = 2_000;

/** What happened in a trial, with every secret replaced by its label. */
export interface Trace {
  readonly wire: readonly string[];
  readonly stderr: string;
}

export function traced(wire: readonly Exchange[], stderr: string): Trace {
  const relabel = relabeller(wire);
  return {
    wire: wire.flatMap((exchange) => lines(exchange)).map((line) => cut(relabel(line))),
    stderr: relabel(stderr).slice(-LONGEST_STDERR),
  };
}

function lines({ at, request, response, upstream, answeredAt, endpoint }: Exchange): string[] {
  const shownHeaders = request.headers.filter(([name]) => SHOWN.has(name.toLowerCase()));
  const body =
    endpoint === 'token'
      ? [...form(request)].map(([name, value]) => `${name}=${value}`).join(' & ')
      : request.body;
  const faulty = response && !upstream ? ' (fault)' : '';
  return [
    `${ms(at)} > ${request.method} ${request.target}`,
    ...shownHeaders.map(([name, value]) => `          > ${name}: ${value}`),
    ...(body === '' ? [] : [`          > ${body}`]),
    response
      ? `${ms(answeredAt ?? at)} < ${response.status}${faulty} ${response.body}`
      : '          < nothing was delivered',
  ];
}

const SHOWN = new Set(['authorization', 'content-type', 'referer']);

function ms(at: number): string {
  return `${Math.round(at).toString().padStart(6)} ms`;
}

function cut(text: string): string {
  const line = text.replaceAll(/\s*\n\s*/g, ' ');
  return line.length > LONGEST_LINE ? `${line.slice(0, LONGEST_LINE)}…` : line;
}
