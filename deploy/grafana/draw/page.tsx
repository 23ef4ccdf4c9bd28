// One dashboard on Grafana's grid of 24 columns. `window.drawn` says that it is whole, and what could not be drawn of it.
import {
  createTheme,
  dateMath,
  dateTimeFormat,
  renderMarkdown,
  ThemeContext,
  type DataFrame,
  type DataTransformerConfig,
  type DateTime,
  type FieldConfigSource,
  type TimeRange,
} from '@grafana/data';
import { initPluginTranslations } from '@grafana/i18n';
import { ErrorBoundary, GlobalStyles, PanelChrome } from '@grafana/ui';
import { type ReactNode } from 'react';
import { createRoot } from 'react-dom/client';
import '@fontsource/inter/latin-400.css';
import '@fontsource/inter/latin-500.css';
import { configured, transformed } from './fields';
import { asked, type Target } from './frames';
import { KINDS, type Ready } from './kinds';
import { chosen, replaced, timed, type Variable, type Words } from './words';

interface Panel {
  type: string;
  title?: string;
  description?: string;
  gridPos: { x: number; y: number; w: number; h: number };
  options: any;
  fieldConfig: FieldConfigSource;
  interval?: string | null;
  targets?: Target[];
  transformations?: DataTransformerConfig[];
  panels?: Panel[];
}

/** What the driver gives: the dashboard, and how it is to be drawn. */
interface Asked {
  dashboard: { title: string; panels: Panel[]; templating: { list: Variable[] }; time: { from: string; to: string } };
  theme: 'light' | 'dark';
  from: string | null;
  scrape: string;
  words: Words;
}

declare global {
  interface Window {
    draw: (asked: Asked) => Promise<void>;
    drawn?: string[];
    __grafana_public_path__: string;
  }
}

const [COLUMNS, ROW, GAP, EDGE] = [24, 30, 8, 16]; // pixels of Grafana's own grid
const cell = (document.documentElement.clientWidth - 2 * EDGE - (COLUMNS - 1) * GAP) / COLUMNS;
const across = (cells: number) => cells * cell + (cells - 1) * GAP;
const down = (rows: number) => rows * ROW + (rows - 1) * GAP;

const NO_SERVER = 'has no component in the library: only a Grafana server draws it';

/** A panel with its answers, or the trouble that it met; `lack` says why there is nothing to see, as Grafana shows it. */
interface Answered {
  panel: Panel;
  ready?: Ready;
  trouble?: string;
  lack?: string;
}

window.draw = async ({ dashboard, theme: mode, from, scrape, words: given }) => {
  await initPluginTranslations('sorwatch-draw');
  await Promise.all(['400 12px Inter', '500 12px Inter'].map((font) => document.fonts.load(font))); // plots measure texts
  const theme = createTheme({ colors: { mode } });
  const range = between(from ?? dashboard.time.from, dashboard.time.to);
  const words = chosen(dashboard.templating?.list ?? [], given);
  const panels = dashboard.panels.flatMap((panel) => [panel, ...(panel.panels ?? [])]);

  const answered = await Promise.all(
    panels.map(async (panel): Promise<Answered> => {
      const own = { ...words, ...timed(range, across(panel.gridPos.w), scrape, panel.interval) };
      if (panel.type === 'row' || panel.type === 'text') return { panel };
      try {
        const frames = await transformed(await asked(panel.targets ?? [], own, range), panel.transformations);
        const fields = configured(frames, panel.type, panel.fieldConfig, own, theme);
        return { panel, ready: { ...fields, options: panel.options, range, theme }, lack: lack(panel, frames) };
      } catch (error) {
        return { panel, trouble: (error as Error).message };
      }
    })
  );

  const problems = answered.flatMap(({ panel, trouble, lack }) => {
    const said = trouble ?? lack;
    return said ? [`${panel.title}: ${said}`] : [];
  });
  const broken = (panel: Panel) => (error: Error) => void problems.push(`${panel.title}: ${error.message}`);
  createRoot(document.getElementById('dashboard')!).render(
    <ThemeContext.Provider value={theme}>
      <GlobalStyles />
      <Head title={dashboard.title} range={range} words={words} />
      <div style={{ position: 'relative', height: down(Math.max(...panels.map(({ gridPos: { y, h } }) => y + h))) }}>
        {answered.map((each, place) => (
          <Placed key={place} {...each} words={words} broken={broken(each.panel)} />
        ))}
      </div>
    </ThemeContext.Provider>
  );
  await settled();
  window.drawn = problems;
};

function between(from: string, to: string): TimeRange {
  const [begin, end] = [dateMath.toDateTime(from, {}), dateMath.toDateTime(to, { roundUp: true })] as DateTime[];
  return { from: begin, to: end, raw: { from, to } };
}

/** What there is to tell of a panel's data: nothing came, or nothing that is a number. */
function lack({ type }: Panel, frames: DataFrame[]): string | undefined {
  if (!KINDS[type]) return `${type} ${NO_SERVER}`;
  if (frames.every(({ length }) => length === 0)) return 'No data';
  const values = frames.flatMap(({ fields }) => fields.filter((field) => field.type === 'number').flatMap((f) => f.values));
  return values.some((value) => !Number.isNaN(value)) ? undefined : 'No data: NaN only';
}

/** Wait until nothing in the page has changed for half a second: plots, icons and columns come after the first frame. */
function settled(): Promise<void> {
  return new Promise((resolve) => {
    let timer = setTimeout(resolve, 500);
    new MutationObserver(() => {
      clearTimeout(timer);
      timer = setTimeout(resolve, 500);
    }).observe(document.body, { subtree: true, childList: true, attributes: true });
  });
}

/** Our own line in place of Grafana's toolbar, which only its server has. */
function Head({ title, range, words }: { title: string; range: TimeRange; words: Words }): ReactNode {
  const said = Object.entries(words).filter(([name]) => name !== 'datasource').map(([name, value]) => `${name} ${value === '.*' ? 'All' : value}`);
  const times = [range.from, range.to].map((time) => dateTimeFormat(time, { format: 'YYYY-MM-DD HH:mm:ss' }));
  return (
    <header style={{ display: 'flex', justifyContent: 'space-between', height: 40, alignItems: 'center' }}>
      <h4 style={{ margin: 0 }}>{title}</h4>
      <small>{[...said, times.join(' to ')].join('  ·  ')}</small>
    </header>
  );
}

type PlacedProps = Answered & { words: Words; broken: (error: Error) => void };

function Placed({ words, broken, ...answered }: PlacedProps): ReactNode {
  const { panel, trouble } = answered;
  const { x, y, w, h } = panel.gridPos;
  const place = { position: 'absolute', left: x * (cell + GAP), top: y * (ROW + GAP) } as const;
  const title = replaced(panel.title ?? '', words);
  if (panel.type === 'row') return <h5 style={place}>{title}</h5>;
  const chrome = { title, description: panel.description, width: across(w), height: down(h) };
  return (
    <div style={place}>
      <PanelChrome {...chrome} padding={panel.type === 'table' ? 'none' : 'md'} statusMessage={trouble}>
        {(width: number, height: number) => (
          <ErrorBoundary onError={broken} errorLogger={console.error}>
            {({ error }) => (error ? <p>{error.message}</p> : inside(answered, words, width, height))}
          </ErrorBoundary>
        )}
      </PanelChrome>
    </div>
  );
}

function inside({ panel, ready, trouble, lack }: Answered, words: Words, width: number, height: number): ReactNode {
  if (panel.type === 'text') {
    return <div dangerouslySetInnerHTML={{ __html: renderMarkdown(replaced(panel.options.content, words)) }} />;
  }
  const draw = KINDS[panel.type];
  if (ready && draw && (!lack || panel.options.reduceOptions)) return draw({ ...ready, width, height });
  const said = trouble ?? (draw && panel.fieldConfig.defaults.noValue) ?? lack;
  return <p style={{ textAlign: 'center', paddingTop: height / 2 - 20 }}>{said}</p>;
}
