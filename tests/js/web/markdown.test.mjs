import assert from "node:assert/strict";
import { test } from "node:test";
import { inline, onlyEmoji, parse, plain } from "../../../web/static/web/parts/markdown.js";

const link = (href) => ({ type: "link", href });

test("marks become what they mean, and may stand in each other", () => {
  assert.deepEqual(inline("a **b *c* d** e"), ["a ", { type: "bold", children: ["b ", { type: "italic", children: ["c"] }, " d"] }, " e"]);
  assert.deepEqual(inline("~~no~~ `**code**` ||who||"), [
    { type: "strike", children: ["no"] }, " ", { type: "code", text: "**code**" }, " ", { type: "spoiler", children: ["who"] },
  ]);
});

test("what is no mark stays as it was written", () => {
  for (const text of ["2 * 3 * 4", "snake_case_name", "a ** b **", "****", "**", "`", "||", "~~", "mail@example.com", "\\", "x_"]) assert.deepEqual(inline(text), [text]);
  assert.deepEqual(inline("\\*not italic\\*"), ["*not italic*"]);
});

test("addresses end before the sentence does", () => {
  assert.deepEqual(inline("see https://example.org/a_b_c?x=1#y."), ["see ", link("https://example.org/a_b_c?x=1#y"), "."]);
  assert.deepEqual(inline("(https://example.org/(a))"), ["(", link("https://example.org/(a)"), ")"]);
  assert.deepEqual(inline("**https://example.org**"), [{ type: "bold", children: [link("https://example.org")] }]);
  assert.deepEqual(inline("javascript:alert(1)"), ["javascript:alert(1)"]);
});

test("blocks: paragraphs, quotes and code, in order", () => {
  assert.deepEqual(parse("> one\n> two\nthree\n```js\nlet a = `**`;\n```\nfour"), [
    { type: "quote", children: ["one\ntwo"] },
    { type: "paragraph", children: ["three"] },
    { type: "code", language: "js", text: "let a = `**`;" },
    { type: "paragraph", children: ["four"] },
  ]);
  assert.deepEqual(parse("```not closed"), [{ type: "paragraph", children: ["```not closed"] }]);
});

test("names after an @ are mentions, letters of any alphabet", () => {
  assert.deepEqual(inline("hi @Анна-2, @bob."), ["hi ", { type: "mention", name: "Анна-2" }, ", ", { type: "mention", name: "bob" }, "."]);
  assert.deepEqual(inline("@everyone, bob@example.com"), [{ type: "everyone", name: "everyone" }, ", bob@example.com"]);
});

test("long and nasty texts are read, to the end", () => {
  const flat = (nodes) => nodes.map((node) => (typeof node === "string" ? node : (node.text ?? node.href ?? flat(node.children)))).join("");
  for (const piece of ["*", "**a", "||", "_a ", "`", "~~ ~~", "@", "https://", "(((", "\\"]) {
    const text = piece.repeat(Math.floor(4000 / piece.length));
    assert.ok(flat(parse(`${text} the end`).flatMap((block) => block.children ?? [block.text])).endsWith("the end"));
  }
});

test("without its marks a message fits into one line", () => {
  assert.equal(plain("> a **b** `c`\n\n@bob ||d||\n```\ne\nf\n```"), "a b c @bob d e f");
});

test("a few emoji alone are shown large", () => {
  assert.ok(onlyEmoji("🎉 👍🏽"));
  assert.ok(onlyEmoji("👩‍👩‍👧"));
  assert.ok(!onlyEmoji("ok 👍"));
  assert.ok(!onlyEmoji("12"));
});
