// Compiles register.scss and start.mjs, and copies what the pages need beside them. See README.md.
import { copyFileSync, mkdirSync, writeFileSync } from "node:fs";
import { build } from "esbuild";
import { compile } from "sass";

const modules = new URL("node_modules/", import.meta.url).pathname;
const target = new URL("../static/register/", import.meta.url).pathname;

const { css } = compile(new URL("register.scss", import.meta.url).pathname, {
  loadPaths: [modules],
  quietDeps: true,
  style: "compressed",
});
mkdirSync(`${target}fonts`, { recursive: true });
writeFileSync(`${target}register.css`, `${css}\n`);

await build({
  entryPoints: [new URL("start.mjs", import.meta.url).pathname],
  outfile: `${target}start.js`,
  bundle: true,
  format: "esm",
  legalComments: "none",
  minify: true,
});

for (const [family, package_, weight] of [
  ["source-sans-3", "@fontsource-variable/source-sans-3", "wght"],
  ["source-serif-4", "@fontsource/source-serif-4", "400"],
]) {
  for (const subset of ["latin", "latin-ext"]) {
    const file = `${family}-${subset}-${weight}-normal.woff2`;
    copyFileSync(`${modules}${package_}/files/${file}`, `${target}fonts/${file}`);
  }
  copyFileSync(`${modules}${package_}/LICENSE`, `${target}fonts/${family}.LICENSE.txt`);
}
