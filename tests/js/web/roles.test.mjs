import assert from "node:assert/strict";
import { test } from "node:test";

import { customOf, placed } from "../../../web/static/web/state/roles.js";

const role = (id, position) => ({ id, position });
const PRESETS = [role(5, 4), role(4, 3), role(3, 2), role(2, 1), role(1, 0)];

// What the list looks like afterwards, as the server orders it.
function after(roles, id, to) {
  const positions = new Map(placed(roles, id, to).map((one) => [one.id, one.position]));
  const moved = roles.map((one) => role(one.id, positions.get(one.id) ?? one.position));
  return moved.sort((one, other) => other.position - one.position || one.id - other.id).map((one) => one.id);
}

test("a role goes where it is put, and the others keep their order", () => {
  const roles = [...PRESETS.slice(0, 3), role(2, 1), role(6, 1), role(7, 1), role(1, 0)];
  for (let to = 0; to < roles.length - 1; to++) {
    for (const { id } of roles.slice(0, -1)) {
      const expected = roles.map((one) => one.id).filter((one) => one !== id);
      expected.splice(to, 0, id);
      assert.deepEqual(after(roles, id, to), expected, `${id} to ${to}`);
    }
  }
});

test("where there is room nothing else moves, and what stays in its place is not written", () => {
  const roles = [role(9, 90), role(8, 50), role(7, 10), role(1, 0)];
  assert.deepEqual(placed(roles, 7, 1), [{ id: 7, position: 51 }]);
  assert.deepEqual(placed(roles, 9, 2), [{ id: 9, position: 1 }]);
  assert.deepEqual(placed([role(3, 2), role(2, 1), role(1, 0)], 2, 1), []);
});

test("the highest is lifted first", () => {
  assert.deepEqual(placed([...PRESETS.slice(0, 4), role(6, 1), role(1, 0)], 6, 1).map(({ id }) => id), [5, 6]);
});

test("roles that come with a rank are not given by hand", () => {
  assert.deepEqual(customOf([...PRESETS, role(6, 1)]).map(({ id }) => id), [6]);
});
