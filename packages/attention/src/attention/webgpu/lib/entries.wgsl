// For kernels that bind `indptr` whole and some of the entries: those of a row that are among them.

struct Entries { first: u32, end: u32 }

/** Places in the bound entries; `row` counts the rows of Ŵ. */
fn entriesOf(row: u32) -> Entries {
  let first = clamp(indptr[row], u.firstEntry, u.firstEntry + u.entries);
  let end = clamp(indptr[row + 1u], first, u.firstEntry + u.entries);
  return Entries(first - u.firstEntry, end - u.firstEntry);
}
