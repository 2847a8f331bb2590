/**
 * A smoke report as a page for the webview. The server's own page is shown when it made one (it has the pictures),
 * else its plain data: scalars as a list, lists of records as tables. No script runs, only the style here applies,
 * pictures come as data, and every colour is the theme's.
 */
import { randomBytes } from 'node:crypto';
import type { SmokeResult } from '../protocol';
import type { SmokeTarget } from './smoke';

export const STYLE = `
  body { color: var(--vscode-foreground); font-family: var(--vscode-font-family);
         font-size: var(--vscode-font-size); padding: 0 1.5em 2em; line-height: 1.5; }
  h1 { font-size: 1.5em; font-weight: 600; margin: .8em 0 .2em; }
  h2 { font-size: 1.1em; font-weight: 600; margin: 1.6em 0 .4em; }
  .banner { padding: .6em 1em; border-left: 4px solid; margin: .8em 0 1.2em;
            background: var(--vscode-textBlockQuote-background); }
  .ok { border-color: var(--vscode-testing-iconPassed); }
  .bad { border-color: var(--vscode-testing-iconFailed); }
  table { border-collapse: collapse; margin: .4em 0; }
  th, td { text-align: left; vertical-align: top; padding: .25em .8em .25em 0;
           border-bottom: 1px solid var(--vscode-panel-border, rgba(128, 128, 128, .35)); }
  th { font-weight: 600; color: var(--vscode-descriptionForeground); white-space: nowrap; }
  td.number { font-variant-numeric: tabular-nums; text-align: right; }
  code, pre { font-family: var(--vscode-editor-font-family); font-size: .95em; }
  pre { background: var(--vscode-textCodeBlock-background); padding: .6em .8em; white-space: pre-wrap; }
  pre code { background: none; }
  .good, .pass { color: var(--vscode-charts-green); }
  .fault, .fail, .error { color: var(--vscode-charts-red); }
  .skipped, .unjudged { color: var(--vscode-testing-iconSkipped); }
  .figure { font-variant-numeric: tabular-nums; text-align: right; }
  .table td.figure, .table th { white-space: nowrap; }
  .table { overflow-x: auto; }
  .shared th, .shared td { border: 0; }
  summary { cursor: pointer; overflow-wrap: anywhere; }
  td.name { overflow-wrap: anywhere; min-width: 9em; }
  .faint { color: var(--vscode-descriptionForeground); }
  img { max-width: 100%; }
  .again a { margin-right: 1.2em; }
`;

export function reportPage(result: SmokeResult, cspSource: string, target: SmokeTarget): string {
  const nonce = randomBytes(16).toString('base64');
  const csp = `default-src 'none'; img-src data: ${cspSource}; style-src 'nonce-${nonce}';`;
  const body = typeof result.html === 'string' ? bodyOf(result.html) : isRecord(result.report) ? section(result.report, 2) : '';
  return `<!DOCTYPE html>
<html lang="en"><head><meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${escape(csp)}">
<title>Smoke run</title><style nonce="${nonce}">${STYLE}</style></head>
<body><h1>Smoke run</h1>
<div class="banner ${result.ok ? 'ok' : 'bad'}">${escape(result.summary)}</div>
${again(result, target)}
${body}</body></html>`;
}

/** Links that are commands: to the shader, and to the next run with another engine, adapter or case, or other matrices. */
function again(result: SmokeResult, target: SmokeTarget): string {
  const link = (command: string, text: string, ...args: string[]): string =>
    `<a href="command:${command}${args.length > 0 ? `?${encodeURIComponent(JSON.stringify(args))}` : ''}">${escape(text)}</a>`;
  const cases = result.cases.length > 0 ? [link('wgsl-ls.smokeChoose', `Case: ${target.case || 'all small ones'}`, 'case')] : [];
  const hasMatrices = target.matrices !== undefined || /matrices/.test(`${result.summary} ${result.html ?? ''}`);
  const matrices = hasMatrices ? [link('wgsl-ls.smokeChoose', `Matrices: ${target.matrices ?? 'auto'}`, 'matrices')] : [];
  const links = [
    link('wgsl-ls.smokeSource', `Go to ${target.uri.split('/').at(-1) ?? 'the shader'}`),
    link('wgsl-ls.smokeAgain', 'Run again'),
    link('wgsl-ls.smokeChoose', `Engine: ${target.engine ?? result.engines[0] ?? 'default'}`, 'engine'),
    link('wgsl-ls.smokeChoose', `Adapter: ${target.adapter || 'preferred'}`, 'adapter'),
    ...matrices,
    ...cases,
  ];
  return `<p class="again">${links.join(' ')}</p>`;
}

/** What stands behind the head of the server's page; the banner takes the place of its title. */
function bodyOf(html: string): string {
  return html
    .replace(/^[\s\S]*?<\/style>/i, '')
    .replace(/<h1>[\s\S]*?<\/h1>/i, '')
    .replaceAll(/<(?:style|script)[\s\S]*?<\/(?:style|script)>/gi, '');
}

export function escape(text: string): string {
  const entities: Record<string, string> = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
  return text.replace(/[&<>"']/g, (character) => entities[character] ?? character);
}

type Json = Record<string, unknown>;

function isRecord(value: unknown): value is Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isEmpty(value: unknown): boolean {
  if (value === null || value === undefined || value === '') return true;
  return Array.isArray(value) ? value.length === 0 : isRecord(value) && Object.keys(value).length === 0;
}

/** Small values first as one table, then every larger value under a heading of its own. */
function section(record: Json, level: number): string {
  const entries = Object.entries(record).filter(([, value]) => !isEmpty(value));
  const small = entries.filter(([, value]) => isSmall(value));
  const rows = small.map(([key, value]) => `<tr><th>${label(key)}</th>${cell(value)}</tr>`).join('');
  const large = entries.filter(([, value]) => !isSmall(value));
  const heading = Math.min(level, 6);
  const parts = large.map(([key, value]) => `<h${heading}>${label(key)}</h${heading}>${block(value, level + 1)}`);
  return (rows === '' ? '' : `<table>${rows}</table>`) + parts.join('');
}

function isSmall(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => !isRecord(item) && !Array.isArray(item)) && value.length <= 12;
  return !isRecord(value) && !(typeof value === 'string' && (value.includes('\n') || value.startsWith('data:image/')));
}

function block(value: unknown, level: number): string {
  if (Array.isArray(value)) {
    const records = value.filter(isRecord);
    if (records.length === value.length) return table(records, level);
    return `<pre>${escape(value.map(String).join('\n'))}</pre>`;
  }
  if (isRecord(value)) return section(value, level);
  if (typeof value === 'string' && value.startsWith('data:image/')) return `<img alt="" src="${escape(value)}">`;
  return `<pre>${escape(String(value))}</pre>`;
}

/** Records with only small values share one table; others stand one below the other. */
function table(records: Json[], level: number): string {
  if (!records.every((record) => Object.values(record).every(isSmall))) {
    return records.map((record) => section(record, level)).join('<hr>');
  }
  const keys = [...new Set(records.flatMap((record) => Object.keys(record)))];
  const used = keys.filter((key) => records.some((record) => !isEmpty(record[key])));
  const head = used.map((key) => `<th>${label(key)}</th>`).join('');
  const rows = records.map((record) => `<tr>${used.map((key) => cell(record[key])).join('')}</tr>`).join('');
  return `<table><thead><tr>${head}</tr></thead><tbody>${rows}</tbody></table>`;
}

const GOOD = new Set(['ok', 'pass', 'passed', 'accepted', 'right', 'true']);
const FAULT = new Set(['fail', 'failed', 'rejected', 'wrong', 'crashed', 'false', 'error']);

function cell(value: unknown): string {
  if (typeof value === 'number') return `<td class="number">${escape(number(value))}</td>`;
  if (isEmpty(value)) return '<td class="faint">–</td>';
  const text = Array.isArray(value) ? value.map(String).join(', ') : String(value);
  const kind = GOOD.has(text) ? 'good' : FAULT.has(text) ? 'fault' : '';
  const shown = typeof value === 'boolean' ? (value ? 'yes' : 'no') : text;
  return `<td class="${kind}">${escape(shown)}</td>`;
}

function number(value: number): string {
  if (Number.isInteger(value)) return String(value);
  const size = Math.abs(value);
  return size >= 1e-3 && size < 1e6 ? value.toPrecision(4) : value.toExponential(2);
}

function label(key: string): string {
  return escape(key.replaceAll('_', ' '));
}
