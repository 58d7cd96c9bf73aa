// Where channels stand after one was moved. Pure.

// All places of the category that it came to: [{ id, position, categoryId }]. Without `beforeId` it comes last.
export function moved(channels, id, categoryId, beforeId) {
  const neighbours = channels.filter((one) => one.categoryId === categoryId && one.id !== id).map((one) => one.id);
  const at = beforeId === null ? neighbours.length : neighbours.indexOf(beforeId);
  neighbours.splice(at < 0 ? neighbours.length : at, 0, id);
  return neighbours.map((one, position) => ({ id: one, position, categoryId }));
}
