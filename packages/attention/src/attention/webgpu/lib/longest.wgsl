/** The most entries that one of the workgroup's rows has. */
fn longest(first: u32) -> u32 {
  var most = 0u;
  for (var row = first; row < min(first + TEAMS, u.heads * u.length); row++) {
    let entries = entriesOf(u.firstRow + row);
    most = max(most, entries.end - entries.first);
  }
  return most;
}
