// Each kind of panel, drawn by the components of Grafana's own library.
import {
  getDisplayValueAlignmentFactors,
  getFieldDisplayValues,
  VizOrientation,
  type DataFrame,
  type FieldConfigSource,
  type FieldDisplay,
  type GrafanaTheme2,
  type TimeRange,
} from '@grafana/data';
import { BarGauge, BigValue, Gauge, TimeSeries, VizRepeater, type VizRepeaterRenderValueProps } from '@grafana/ui';
import { TableNG } from '@grafana/ui/unstable';
import type { ReactElement } from 'react';

export interface Ready {
  data: DataFrame[];
  fieldConfig: FieldConfigSource;
  replaceVariables: (text: string) => string;
  // what options there are differs by kind: the components check them
  options: any;
  range: TimeRange;
  theme: GrafanaTheme2;
}
type Sized = Ready & { width: number; height: number };
type Drawn = (ready: Sized) => ReactElement;

const timeseries: Drawn = ({ data, range, options, width, height }) => (
  <TimeSeries
    frames={data}
    timeRange={range}
    timeZone="browser"
    legend={options.legend}
    options={options}
    width={width}
    height={height}
  />
);

const table: Drawn = ({ data, options, fieldConfig, range, width, height }) => (
  <TableNG
    data={data[options.frameIndex ?? 0]}
    width={width}
    height={height}
    noHeader={options.showHeader === false}
    showTypeIcons={options.showTypeIcons}
    cellHeight={options.cellHeight}
    initialSortBy={options.sortBy}
    fieldConfig={fieldConfig}
    timeRange={range}
    enableVirtualization={false}
  />
);

type One = (props: VizRepeaterRenderValueProps<FieldDisplay, any>, ready: Sized) => ReactElement;

/** What Grafana repeats in one panel: a number for each field. */
function repeated(ready: Sized, one: One): ReactElement {
  const { data, fieldConfig, replaceVariables, options, theme, width, height } = ready;
  const values = () =>
    getFieldDisplayValues({
      fieldConfig,
      replaceVariables,
      theme,
      data,
      reduceOptions: options.reduceOptions,
      sparkline: options.graphMode && options.graphMode !== 'none',
      timeZone: 'browser',
    });
  return (
    <VizRepeater
      getValues={values}
      getAlignmentFactors={(all) => getDisplayValueAlignmentFactors(all)}
      renderValue={(props) => one(props, ready)}
      source={data}
      renderCounter={0}
      autoGrid
      width={width}
      height={height}
      itemSpacing={options.displayMode ? 10 : 3}
      orientation={options.orientation ?? VizOrientation.Auto}
    />
  );
}

const stat: Drawn = (ready) =>
  repeated(ready, ({ value, width, height, count, alignmentFactors }, { options, theme }) => (
    <BigValue
      value={value.display}
      sparkline={value.sparkline}
      count={count}
      alignmentFactors={alignmentFactors}
      colorMode={options.colorMode}
      graphMode={options.graphMode}
      justifyMode={options.justifyMode}
      textMode={options.textMode}
      text={options.text}
      percentChangeColorMode={options.percentChangeColorMode}
      disableWideLayout={!options.wideLayout}
      theme={theme}
      width={width}
      height={height}
    />
  ));

const bargauge: Drawn = (ready) =>
  repeated(ready, ({ value, width, height, orientation, alignmentFactors }, { options, theme }) => (
    <BarGauge
      value={value.display}
      field={value.field}
      display={value.view?.getFieldDisplayProcessor(value.colIndex ?? 0)}
      alignmentFactors={alignmentFactors}
      orientation={orientation}
      displayMode={options.displayMode}
      valueDisplayMode={options.valueMode}
      showUnfilled={options.showUnfilled}
      text={options.text}
      theme={theme}
      width={width}
      height={height}
    />
  ));

const gauge: Drawn = (ready) =>
  repeated(ready, ({ value, width, height }, { options, theme }) => (
    <Gauge
      value={value.display}
      field={value.field}
      text={options.text}
      showThresholdLabels={options.showThresholdLabels}
      showThresholdMarkers={options.showThresholdMarkers}
      theme={theme}
      width={width}
      height={height}
    />
  ));

/** The kinds that the library has a component for; all others live in Grafana's server. */
export const KINDS: Record<string, Drawn | undefined> = { timeseries, table, stat, bargauge, gauge };
