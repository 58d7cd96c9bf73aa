// How a list of members is divided. Pure.

// [{ key, name?, members, known }]: hoisted roles from the top, then the rest; who is away stands last. Without
// presences (nobody tells them) nobody counts as away.
export function grouped(members, roles, presences, language) {
  const hoisted = roles.filter(({ isHoisted }) => isHoisted).toSorted((one, other) => other.position - one.position);
  const collator = new Intl.Collator(language);
  const nameOf = (member) => member.nickname || member.user.username;
  const groups = new Map();
  for (const member of members) {
    const away = presences && !presences.has(member.userId);
    const role = !away && hoisted.find((one) => carries(member, one));
    const key = away ? "offline" : role ? `role-${role.id}` : presences ? "online" : "everybody";
    if (!groups.has(key)) groups.set(key, { key, name: role ? role.name : undefined, members: [], known: presences !== null });
    groups.get(key).members.push(member);
  }
  for (const group of groups.values()) group.members.sort((one, other) => collator.compare(nameOf(one), nameOf(other)));
  const order = [...hoisted.map(({ id }) => `role-${id}`), "online", "everybody", "offline"];
  return order.filter((key) => groups.has(key)).map((key) => groups.get(key));
}

const PRESETS = { owner: "Owner", admin: "Admin", moderator: "Moderator" };

// A member role is worn as the default role of its name; custom roles are listed.
const carries = (member, role) => member.roles.some(({ id }) => id === role.id) || PRESETS[member.role] === role.name;
