// TypeScript types of the Report, from core/report.schema.json. What is not known is absent, never null, so `null` is left out.

/** The text of a module that exports every type of the schema. */
export function reportTypes(schema) {
  const { $defs, ...report } = schema;
  const types = [[report.title, report], ...Object.entries($defs)].map(([name, type]) => comment(type, "") + declaration(name, type));
  return `// Made from core/report.schema.json.\n\n${types.join("\n\n")}\n`;
}

function declaration(name, type) {
  return type.properties ? `export interface ${name} ${object(type, "")}` : `export type ${name} =${choices(type)};`;
}

/** The words of an enumeration, each with what it means. */
function choices({ oneOf }) {
  return oneOf.map((word) => `\n${comment(word, "  ")}  | ${JSON.stringify(word.const)}`).join("");
}

function object({ properties, required = [] }, indent) {
  const inner = `${indent}  `;
  const fields = Object.entries(properties).map(
    ([name, field]) => `${comment(field, inner)}${inner}${name}${required.includes(name) ? "" : "?"}: ${typeOf(field, inner)};\n`,
  );
  return `{\n${fields.join("")}${indent}}`;
}

function typeOf(node, indent) {
  if (node.$ref) return node.$ref.split("/").at(-1);
  if (node.anyOf) return node.anyOf.filter((option) => option.type !== "null").map((option) => typeOf(option, indent)).join(" | ");
  if (node.enum) return node.enum.map((value) => JSON.stringify(value)).join(" | ");
  const [type] = [node.type].flat().filter((name) => name !== "null");
  switch (type) {
    case "array": {
      const items = typeOf(node.items, indent);
      return items.includes("|") ? `(${items})[]` : `${items}[]`;
    }
    case "boolean":
    case "string":
      return type;
    case "integer":
    case "number":
      return "number";
    case "object":
      return node.properties ? object(node, indent) : `Record<string, ${typeOf(node.additionalProperties, indent)}>`;
    default:
      throw new Error(`report.schema.json: no type for ${JSON.stringify(node)}`);
  }
}

function comment({ description }, indent) {
  if (!description) return "";
  const lines = description.replaceAll("*/", "*\\/").split("\n");
  if (lines.length === 1) return `${indent}/** ${lines[0]} */\n`;
  return `${indent}/**\n${lines.map((line) => `${indent} * ${line}`.trimEnd()).join("\n")}\n${indent} */\n`;
}
