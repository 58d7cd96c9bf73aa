// What follows from a list of roles. Pure.

const PRESETS = 5; // @everyone and those that come with a rank: made with the server, so theirs are its lowest ids

export function presetsOf(roles) {
  return roles.toSorted((one, other) => one.id - other.id).slice(0, PRESETS);
}

// Those that are given by hand, in their order.
export function customOf(roles) {
  const presets = new Set(presetsOf(roles));
  return roles.filter((role) => !presets.has(role));
}

// [{ id, position }]: what has to change for a role to stand at another place of the list, whose highest is first. From the top,
// so that no role is ever lifted onto the one above it. Only as many move as stand in the way.
export function placed(roles, id, to) {
  const order = roles.filter((role) => role.id !== id);
  order.splice(to, 0, roles.find((role) => role.id === id));
  const places = [];
  let below = to + 1 < order.length ? order[to + 1].position : -1;
  for (let at = to; at >= 0; at--) {
    const { id: one, position } = order[at];
    if (at < to && position > below) break;
    below += 1;
    if (position !== below) places.unshift({ id: one, position: below });
  }
  return places;
}
