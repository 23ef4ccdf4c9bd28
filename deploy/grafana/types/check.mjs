// Checks every dashboard against the schema that Grafana publishes as types (npm @grafana/schema): the dashboard as a
// whole, and of each panel its options, its field configuration and the thresholds and colours of its overrides, which
// the whole leaves open. Each dashboard becomes an object literal of that type, so that a key the schema does not have
// is an error too. A file of a name that is no dashboard of ours can be given: `node check.mjs other.json`.
import { existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import ts from "typescript";

const here = dirname(fileURLToPath(import.meta.url));
const kept = join(here, "..", "dashboards");
const made = join(here, "made");
const files = process.argv.length > 2 ? process.argv.slice(2) : readdirSync(kept).map((name) => join(kept, name));

const schema = JSON.parse(readFileSync(join(here, "node_modules/@grafana/schema/package.json"), "utf8"));
const composable = "@grafana/schema/dist/esm/raw/composable";
// newer versions of the package say themselves where the types of a module are
const types = Object.keys(schema.exports ?? {}).some((path) => path.includes("/composable/")) ? "gen" : "gen.d.ts";
const head = `
import type { Dashboard, FieldColor, ThresholdsConfig } from "@grafana/schema";
import type * as stat from "${composable}/stat/panelcfg/x/StatPanelCfg_types.${types}";
import type * as table from "${composable}/table/panelcfg/x/TablePanelCfg_types.${types}";
import type * as timeseries from "${composable}/timeseries/panelcfg/x/TimeSeriesPanelCfg_types.${types}";

// JSON has the values of an enumeration and not its names
type Plain<T> = T extends string ? \`\${T}\` : T extends (infer Each)[] ? Plain<Each>[]
  : T extends object ? { [Key in keyof T]: Plain<T[Key]> } : T;
type FieldConfig = { stat: undefined; table: table.FieldConfig; timeseries: timeseries.FieldConfig };
type Overridden = { thresholds: ThresholdsConfig; color: FieldColor };
`;

function checked(dashboard) {
  const lines = [head, `export const whole: Plain<Dashboard> = ${JSON.stringify(dashboard)};`];
  dashboard.panels.forEach((panel, place) => {
    const of = `panel${place}`;
    lines.push(`export const ${of}: Plain<${panel.type}.Options> = ${JSON.stringify(panel.options)};`);
    const custom = panel.fieldConfig.defaults.custom;
    if (custom) lines.push(`export const ${of}custom: Plain<FieldConfig["${panel.type}"]> = ${JSON.stringify(custom)};`);
    const set = panel.fieldConfig.overrides.flatMap((override) => override.properties);
    set.forEach(({ id, value }, number) => {
      if (id !== "thresholds" && id !== "color") return;
      lines.push(`export const ${of}set${number}: Plain<Overridden["${id}"]> = ${JSON.stringify(value)};`);
    });
  });
  return lines.join("\n");
}

rmSync(made, { recursive: true, force: true });
mkdirSync(made);
const sources = files.filter((file) => file.endsWith(".json") && existsSync(file)).map((file, place) => {
  const source = join(made, `dashboard${place}.ts`);
  writeFileSync(source, checked(JSON.parse(readFileSync(file, "utf8"))));
  return { file, source };
});
const program = ts.createProgram(sources.map(({ source }) => source), {
  strict: true,
  noEmit: true,
  skipLibCheck: true,
  target: ts.ScriptTarget.ES2022,
  module: ts.ModuleKind.ESNext,
  moduleResolution: ts.ModuleResolutionKind.Bundler,
});
const problems = ts.getPreEmitDiagnostics(program);
for (const problem of problems) {
  const where = sources.find(({ source }) => source === problem.file?.fileName)?.file ?? problem.file?.fileName;
  const text = problem.file?.text ?? "";
  const near = text.slice(Math.max(0, problem.start - 60), problem.start + 60).replaceAll("\n", " ");
  console.error(`${where}: ${ts.flattenDiagnosticMessageText(problem.messageText, "\n  ")}\n  near: ${near}`);
}
console.log(`${sources.length} dashboards, ${problems.length} problems, @grafana/schema ${schema.version}`);
process.exit(problems.length > 0 || sources.length === 0 ? 1 : 0);
