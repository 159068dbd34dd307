import { packA, packB } from "./pack";
import { spill, tile } from "./tile";

/**
 * out[m, n] (+)= op(A)[m, k] · op(B)[k, n], for the rows (`byColumns` 0) or columns (1) in [begin, end).
 *
 * Blocks of `depthBlock` × `columnBlock` of B are packed into panels that stay in the second-level cache, one panel
 * of them at a time in the first, while `rowBlock` rows of A pass by. Each element is summed over the depth in the
 * same order wherever the range is split. `scratch` holds one edge tile (128 bytes), the panels of B, and those of A
 * where it is transposed; a row-major A is read in place.
 */
export function matmul(
  begin: i32, end: i32, scratch: usize,
  a: usize, b: usize, out: usize, m: i32, n: i32, k: i32,
  transposeA: i32, transposeB: i32, accumulate: i32, byColumns: i32,
  depthBlock: i32, columnBlock: i32, rowBlock: i32,
): void {
  const firstRow = byColumns ? 0 : begin, lastRow = byColumns ? m : end;
  const firstColumn = byColumns ? begin : 0, lastColumn = byColumns ? end : n;
  const aRow: usize = transposeA ? 4 : (k as usize) << 2, aStep: usize = transposeA ? (m as usize) << 2 : 4;
  const bColumn: usize = transposeB ? (k as usize) << 2 : 4, bStep: usize = transposeB ? 4 : (n as usize) << 2;
  const panelsB = scratch + 128;
  const panelsA = panelsB + (((depthBlock as usize) * (columnBlock as usize)) << 2);
  for (let j = firstColumn; j < lastColumn; j += columnBlock) {
    const columns = min(columnBlock, lastColumn - j);
    for (let p = 0; p < k; p += depthBlock) {
      const depth = min(depthBlock, k - p);
      packB(panelsB, b + (p as usize) * bStep + (j as usize) * bColumn, depth, columns, bStep, bColumn);
      for (let i = firstRow; i < lastRow; i += rowBlock) {
        const rows = min(rowBlock, lastRow - i);
        let rowsOfA = a + (i as usize) * aRow + (p as usize) * aStep;
        if (transposeA) {
          packA(panelsA, rowsOfA, depth, rows, aStep);
          rowsOfA = panelsA;
        }
        const corner = out + (((i as usize) * (n as usize) + (j as usize)) << 2);
        block(
          rowsOfA, transposeA ? 0 : aRow, panelsB, corner, rows, columns, depth, n,
          accumulate | (p > 0 ? 1 : 0), scratch,
        );
      }
    }
  }
}

/** Rows × columns of the output over one depth block. `aRow` 0: A is in panels of 4 rows. */
function block(
  a: usize, aRow: usize, b: usize, out: usize, rows: i32, columns: i32, depth: i32, n: i32,
  accumulate: i32, edge: usize,
): void {
  const row = (n as usize) << 2;
  for (let j = 0; j < columns; j += 8) {
    const width = min(8, columns - j);
    for (let i = 0; i < rows; i += 4) {
      const height = min(4, rows - i);
      const c = out + (i as usize) * row + ((j as usize) << 2);
      const whole = height == 4 && width == 8;
      const to = whole ? c : edge, toRow = whole ? row : 32, add = whole ? accumulate : 0;
      if (aRow == 0) {
        const a0 = a + (((i as usize) * (depth as usize)) << 2);
        tile(depth, a0, a0 + 4, a0 + 8, a0 + 12, 16, b, to, toRow, add);
      } else {
        const a0 = a + (i as usize) * aRow;
        const a1 = height > 1 ? a0 + aRow : a0;
        const a2 = height > 2 ? a1 + aRow : a0;
        const a3 = height > 3 ? a2 + aRow : a0;
        tile(depth, a0, a1, a2, a3, 4, b, to, toRow, add);
      }
      if (!whole) spill(edge, c, row, height, width, accumulate);
    }
    b += (depth as usize) << 5;
  }
}
