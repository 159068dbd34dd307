// Panels: the operands of the micro-kernel, reordered so that it reads both from front to back.

/**
 * Columns [0, columns) of op(B), `depth` long, as panels of 8 columns: panel[p][0..8). Missing columns are zero.
 * `step` is the distance in bytes from one p to the next, `column` from one column to the next; one of them is 4.
 */
export function packB(to: usize, b: usize, depth: i32, columns: i32, step: usize, column: usize): void {
  for (let j = 0; j < columns; j += 8) {
    const from = b + (j as usize) * column;
    if (columns - j < 8) packNarrow(to, from, depth, columns - j, step, column);
    else if (column == 4) packRows(to, from, depth, step);
    else packColumns(to, from, depth, column);
    to += (depth as usize) << 5;
  }
}

/** Rows [0, rows) of op(A) where A is stored transposed, as panels of 4 rows: panel[p][0..4). Missing rows are zero. */
export function packA(to: usize, a: usize, depth: i32, rows: i32, step: usize): void {
  for (let i = 0; i < rows; i += 4) {
    let from = a + ((i as usize) << 2);
    const width = rows - i;
    for (let p = 0; p < depth; p++) {
      if (width >= 4) v128.store(to, v128.load(from));
      else for (let r = 0; r < 4; r++) store<f32>(to + (r << 2), r < width ? load<f32>(from + (r << 2)) : 0);
      to += 16;
      from += step;
    }
  }
}

/** Eight neighbouring columns of a row-major B: two vectors from each row. */
function packRows(to: usize, from: usize, depth: i32, step: usize): void {
  const end = to + ((depth as usize) << 5);
  for (; to < end; to += 32) {
    v128.store(to, v128.load(from));
    v128.store(to, v128.load(from, 16), 16);
    from += step;
  }
}

/** Eight columns of op(B) that are rows in memory: transposed four by four. */
function packColumns(to: usize, from: usize, depth: i32, column: usize): void {
  let p = 0;
  for (; p + 4 <= depth; p += 4) {
    transpose4(to, from, column);
    transpose4(to + 16, from + (column << 2), column);
    to += 128;
    from += 16;
  }
  if (p < depth) packNarrow(to, from, depth - p, 8, 4, column);
}

/** Any number of columns up to 8, one element at a time. */
function packNarrow(to: usize, from: usize, depth: i32, columns: i32, step: usize, column: usize): void {
  for (let p = 0; p < depth; p++) {
    for (let j = 0; j < 8; j++) {
      store<f32>(to + (j << 2), j < columns ? load<f32>(from + (j as usize) * column) : 0);
    }
    to += 32;
    from += step;
  }
}

/** Four rows of four become four columns, 32 bytes apart. */
// @ts-ignore: decorator
@inline
function transpose4(to: usize, from: usize, row: usize): void {
  const r0 = v128.load(from), r1 = v128.load(from + row);
  const r2 = v128.load(from + 2 * row), r3 = v128.load(from + 3 * row);
  const low01 = v128.shuffle<f32>(r0, r1, 0, 4, 1, 5), high01 = v128.shuffle<f32>(r0, r1, 2, 6, 3, 7);
  const low23 = v128.shuffle<f32>(r2, r3, 0, 4, 1, 5), high23 = v128.shuffle<f32>(r2, r3, 2, 6, 3, 7);
  v128.store(to, v128.shuffle<i64>(low01, low23, 0, 2));
  v128.store(to, v128.shuffle<i64>(low01, low23, 1, 3), 32);
  v128.store(to, v128.shuffle<i64>(high01, high23, 0, 2), 64);
  v128.store(to, v128.shuffle<i64>(high01, high23, 1, 3), 96);
}
