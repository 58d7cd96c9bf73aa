// types/schema.d.ts from the OpenAPI document on standard input: what one asks and what one gets. Refusals are one shape, and
// examples are for people: both would only make it long. `manage.py sdk_types` calls this.

import { text } from "node:stream/consumers";
import openapiTS, { astToString } from "openapi-typescript";

const document = JSON.parse(await text(process.stdin));
delete document.components.responses;
for (const methods of Object.values(document.paths)) {
  for (const operation of Object.values(methods)) {
    operation.responses = Object.fromEntries(Object.entries(operation.responses).filter(([status]) => status.startsWith("2")));
    delete operation.description;
  }
}
const types = astToString(await openapiTS(document, { defaultNonNullable: false, silent: true }))
  .replace(/^ +headers: \{\n.*\n +\};\n/gm, "")
  .replace(/^ +\w+\?: never;\n/gm, "") // what there is none of
  .replace(/^ +parameters: \{\n +\};\n/gm, "")
  .replace(/^ +\/\*\* @description Done \*\/\n/gm, "")
  .replace(/^export type (webhooks|\$defs) = .*\n/gm, "");
process.stdout.write(`// Made by \`manage.py sdk_types\` from the OpenAPI document.\n\n${types}`);
