// Prometheus's answers as the data frames that Grafana's Prometheus data source makes of them.
import { FieldType, toDataFrame, type DataFrame, type TimeRange } from '@grafana/data';
import { replaced, type Words } from './words';

export interface Target {
  refId: string;
  expr: string;
  instant?: boolean;
  format?: string;
  legendFormat?: string;
  hide?: boolean;
}

interface Series {
  metric: Record<string, string>;
  value?: [number, string];
  values?: Array<[number, string]>;
}

/** Ask all targets of a panel; the first refusal of Prometheus is raised with its words. */
export async function asked(targets: Target[], words: Words, range: TimeRange): Promise<DataFrame[]> {
  const shown = targets.filter((target) => !target.hide);
  const tables = shown.filter((target) => target.format === 'table').length;
  const answers = await Promise.all(shown.map((target) => ask(target, words, range)));
  return shown.flatMap((target, place) =>
    target.format === 'table'
      ? [asTable(target, answers[place], tables)]
      : answers[place].map((series) => asSeries(target, series, words))
  );
}

async function ask(target: Target, words: Words, range: TimeRange): Promise<Series[]> {
  const query = replaced(target.expr, words);
  const step = Number(words.step);
  const [from, to] = [range.from.valueOf() / 1000, range.to.valueOf() / 1000];
  const asking: Record<string, string> = target.instant
    ? { query, time: String(to) }
    : { query, step: words.step, start: aligned(from, step), end: aligned(to, step) };
  const road = target.instant ? '/api/v1/query' : '/api/v1/query_range';
  const answer = await (await fetch(`${road}?${new URLSearchParams(asking)}`)).json();
  if (answer.status !== 'success') throw new Error(`${target.refId}: ${answer.error}`);
  const { result, resultType } = answer.data;
  return resultType === 'scalar' ? [{ metric: {}, value: result }] : result;
}

const aligned = (seconds: number, step: number) => String(Math.floor(seconds / step) * step);

/** A series: its points, and the name that its legend gives it. */
function asSeries(target: Target, { metric, value, values }: Series, words: Words): DataFrame {
  const points = values ?? [value!];
  const { __name__: _, ...labels } = metric;
  const name = legend(target, metric);
  return toDataFrame({
    refId: target.refId,
    name,
    fields: [
      { name: 'Time', type: FieldType.time, config: { interval: Number(words.step) * 1000 }, values: points.map(millis) },
      { name: 'Value', type: FieldType.number, labels, config: { displayNameFromDS: name }, values: points.map(number) },
    ],
  });
}

function legend({ legendFormat, expr }: Target, metric: Record<string, string>): string | undefined {
  const { __name__: name = '', ...labels } = metric;
  const pairs = Object.entries(labels).map(([label, value]) => `${label}="${value}"`);
  if (legendFormat === '__auto' && pairs.length > 0) return undefined;
  if (legendFormat && legendFormat !== '__auto') {
    return legendFormat.replace(/\{\{\s*(.+?)\s*\}\}/g, (_, label) => metric[label] ?? label);
  }
  return `${name}${pairs.length ? `{${pairs.join(', ')}}` : ''}` || expr;
}

/** One frame for a target: time, a column for each label in the order of their names, the value. */
function asTable({ refId }: Target, answer: Series[], tables: number): DataFrame {
  const labels = [...new Set(answer.flatMap(({ metric }) => Object.keys(metric)))].sort();
  const rows = answer.flatMap(({ metric, value, values }) => (values ?? [value!]).map((point) => ({ metric, point })));
  const columns = labels.map((name) => ({
    name,
    type: FieldType.string,
    values: rows.map(({ metric }) => metric[name] ?? ''),
  }));
  const last = tables > 1 ? `Value #${refId}` : 'Value';
  return toDataFrame({
    refId,
    fields: [
      { name: 'Time', type: FieldType.time, values: rows.map(({ point }) => millis(point)) },
      ...columns,
      { name: last, type: FieldType.number, values: rows.map(({ point }) => number(point)) },
    ],
  });
}

const millis = ([seconds]: [number, string]) => seconds * 1000;
const number = ([, text]: [number, string]) => (text === '+Inf' ? Infinity : text === '-Inf' ? -Infinity : Number(text));
