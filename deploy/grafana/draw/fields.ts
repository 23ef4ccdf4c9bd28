// What a dashboard says of its fields, applied by @grafana/data: units, thresholds, mappings, colours, overrides.
import {
  FieldConfigOptionsRegistry,
  applyFieldOverrides,
  cacheFieldDisplayNames,
  identityOverrideProcessor,
  numberOverrideProcessor,
  standardTransformers,
  standardTransformersRegistry,
  thresholdsOverrideProcessor,
  transformDataFrame,
  unitOverrideProcessor,
  valueMappingsOverrideProcessor,
  type DataFrame,
  type DataTransformerConfig,
  type DataTransformerInfo,
  type DynamicConfigValue,
  type FieldConfigPropertyItem,
  type FieldConfigSource,
  type GrafanaTheme2,
} from '@grafana/data';
import { firstValueFrom } from 'rxjs';
import { replaced, type Words } from './words';

const STANDARD = {
  unit: unitOverrideProcessor,
  decimals: numberOverrideProcessor,
  min: numberOverrideProcessor,
  max: numberOverrideProcessor,
  displayName: identityOverrideProcessor,
  noValue: identityOverrideProcessor,
  color: identityOverrideProcessor,
  thresholds: thresholdsOverrideProcessor,
  mappings: valueMappingsOverrideProcessor,
  links: identityOverrideProcessor,
};

/** The colour by which a panel's fields are drawn when the dashboard says nothing: as each panel of Grafana has it. */
const COLOR_OF: Record<string, string> = { timeseries: 'palette-classic', heatmap: 'palette-classic' };

const TRANSFORMERS = Object.values(standardTransformers as Record<string, DataTransformerInfo>);
standardTransformersRegistry.setInit(() =>
  [...new Map(TRANSFORMERS.map((each) => [each.id, each])).values()].map((transformation) => ({
    id: transformation.id,
    name: transformation.name,
    transformation,
    editor: () => null,
    imageDark: '',
    imageLight: '',
  }))
);

type Item = FieldConfigPropertyItem;
const item = (id: string, process: unknown, isCustom: boolean): Item =>
  ({
    id,
    path: isCustom ? id.slice('custom.'.length) : id,
    name: id,
    isCustom,
    process,
    shouldApply: () => true,
    override: () => null,
    editor: () => null,
  }) as unknown as Item;

/** Every property that this panel's configuration names, so that none is passed over. */
function registry({ defaults, overrides }: FieldConfigSource): FieldConfigOptionsRegistry {
  const named = overrides.flatMap(({ properties }) => properties.map(({ id }) => id));
  const own = Object.keys(defaults.custom ?? {}).map((name) => `custom.${name}`);
  const custom = new Set([...own, ...named.filter((id) => id.startsWith('custom.'))]);
  return new FieldConfigOptionsRegistry(() => [
    ...Object.entries(STANDARD).map(([id, process]) => item(id, process, false)),
    ...[...custom].map((id) => item(id, identityOverrideProcessor, true)),
  ]);
}

export async function transformed(frames: DataFrame[], steps: DataTransformerConfig[] = []): Promise<DataFrame[]> {
  if (!steps.length) return frames;
  return firstValueFrom(transformDataFrame(steps, frames, { interpolate: (text: string) => text }));
}

/** Columns hidden by a dashboard of Grafana 11: Grafana 12 rewrites that when it loads one. */
function renewed(property: DynamicConfigValue): void {
  if (property.id !== 'custom.hidden') return;
  property.id = 'custom.hideFrom';
  property.value = { viz: property.value };
}

export function configured(frames: DataFrame[], kind: string, source: FieldConfigSource, words: Words, theme: GrafanaTheme2) {
  const fieldConfig = structuredClone(source);
  fieldConfig.defaults.color ??= { mode: COLOR_OF[kind] ?? 'thresholds' };
  fieldConfig.overrides.flatMap(({ properties }) => properties).forEach(renewed);
  const replaceVariables = (text: string) => replaced(text, words);
  const data = applyFieldOverrides({
    data: frames,
    fieldConfig,
    fieldConfigRegistry: registry(fieldConfig),
    replaceVariables,
    theme,
    timeZone: 'browser',
  });
  cacheFieldDisplayNames(data);
  return { data, fieldConfig, replaceVariables };
}
