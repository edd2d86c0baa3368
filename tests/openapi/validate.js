// Judges the OpenAPI document that is given as a file: exits 1 and says why when it is not valid.
import { readFileSync } from "node:fs";
import { Validator } from "@seriousme/openapi-schema-validator";

const document = JSON.parse(readFileSync(process.argv[2], "utf8"));
const validator = new Validator();
const judged = await validator.validate(document);
if (!judged.valid) {
  console.error(JSON.stringify(judged.errors, null, 2));
  process.exit(1);
}
console.log(`a valid document of OpenAPI ${validator.version}`);
