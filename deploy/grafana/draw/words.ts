// The variables of a dashboard, put into its texts and queries as Grafana does.
import { rangeUtil, type TimeRange } from '@grafana/data';

export interface Variable {
  name: string;
  type: string;
  allValue?: string | null;
  current?: { value?: string | string[] };
}

export type Words = Record<string, string>;

const ALL = '$__all';
const escaped = (value: string) => value.replace(/[\\^$*+?.()|[\]{}]/g, '\\\\$&');

/** What each variable stands for inside a query: a choice of several is a regular expression. */
export function chosen(variables: Variable[], given: Words): Words {
  return Object.fromEntries(variables.map((variable) => [variable.name, given[variable.name] ?? inQuery(variable)]));
}

function inQuery({ current, allValue }: Variable): string {
  const values = [current?.value ?? ''].flat();
  if (values.includes(ALL)) return allValue ?? '.*';
  if (!Array.isArray(current?.value)) return values[0];
  return values.length === 1 ? escaped(values[0]) : `(${values.map(escaped).join('|')})`;
}

/** The words of time: $__interval from the panel's width, $__rate_interval never less than four scrapes. */
export function timed(range: TimeRange, pixels: number, scrape: string, least?: string | null): Words & { step: string } {
  const scrapeMs = rangeUtil.intervalToMs(scrape);
  const { interval, intervalMs } = rangeUtil.calculateInterval(range, pixels, least ?? scrape);
  const rangeMs = range.to.valueOf() - range.from.valueOf();
  const rateMs = Math.max(intervalMs + scrapeMs, 4 * scrapeMs);
  return {
    step: String(intervalMs / 1000),
    __interval: interval,
    __interval_ms: String(intervalMs),
    __rate_interval: `${Math.round(rateMs / 1000)}s`,
    __range: `${Math.round(rangeMs / 1000)}s`,
    __range_s: String(Math.round(rangeMs / 1000)),
    __range_ms: String(rangeMs),
  };
}

/** Put the words in; a name that is no variable stays as it is, as it does in Grafana. */
export function replaced(text: string, words: Words): string {
  return text.replace(/\$(\w+)|\$\{(\w+)(?::\w+)?\}/g, (whole, plain, braced) => words[plain ?? braced] ?? whole);
}
