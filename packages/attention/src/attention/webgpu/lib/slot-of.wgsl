/** Where the slot of a row of the head at hand begins, among those of the heads and rows that are meant. */
fn slotOf(row: u32) -> u32 {
  return ((at.head - u.firstHead) * u.length + row - u.firstTile * ROWS) * (HEADER + SLOT_WORDS * u.capacity);
}
