import { PANEL, PANEL_ROW, roundUp, TILE } from "./lib/layout";

/** Four elements of a row from `at`, the lanes past the end of the row 0. */
// @ts-ignore: decorator
@inline
function loadPart(row: usize, at: i32, width: i32): v128 {
  let part = f32x4.splat(0);
  if (at < width) part = f32x4.replace_lane(part, 0, load<f32>(row + ((at as usize) << 2)));
  if (at + 1 < width) part = f32x4.replace_lane(part, 1, load<f32>(row + ((at as usize) << 2), 4));
  if (at + 2 < width) part = f32x4.replace_lane(part, 2, load<f32>(row + ((at as usize) << 2), 8));
  return part;
}

/** Four elements of row `j`, zeros where the row or the element does not exist. */
// @ts-ignore: decorator
@inline
function loadFour(row: usize, j: i32, length: i32, t: i32, d: i32): v128 {
  if (j >= length) return f32x4.splat(0);
  return t + 4 <= d ? v128.load(row + ((t as usize) << 2)) : loadPart(row, t, d);
}

/**
 * Packs the vectors of every head, [b, n, heads, d], as columns: `out` is [b·heads, ⌈n/8⌉, d, 8], so that panel p holds
 * vectors 8p … 8p + 7 side by side, and zeros where there are none. The range counts panels.
 */
export function packColumns(
  begin: i32, end: i32, _scratch: usize,
  source: usize, out: usize, n: i32, heads: i32, d: i32,
): void {
  const panels = roundUp(n, PANEL) / PANEL;
  const stride = ((heads * d) as usize) << 2;
  for (let panel = begin; panel < end; panel++) {
    const head = panel / panels;
    const first = (panel % panels) * PANEL;
    const batch = head / heads;
    const from = source + ((batch * n + first) as usize) * stride + (((head % heads) * d) << 2);
    const to = out + (panel as usize) * (d as usize) * PANEL_ROW;
    for (let half = 0; half < 2; half++) {
      const j = first + half * 4;
      const row = from + (half as usize) * 4 * stride;
      for (let t = 0; t < d; t += 4) {
        const a = loadFour(row, j, n, t, d);
        const b = loadFour(row + stride, j + 1, n, t, d);
        const c = loadFour(row + stride * 2, j + 2, n, t, d);
        const e = loadFour(row + stride * 3, j + 3, n, t, d);
        const ab = v128.shuffle<f32>(a, b, 0, 4, 1, 5), cd = v128.shuffle<f32>(c, e, 0, 4, 1, 5);
        const AB = v128.shuffle<f32>(a, b, 2, 6, 3, 7), CD = v128.shuffle<f32>(c, e, 2, 6, 3, 7);
        const at = to + (t as usize) * PANEL_ROW + ((half as usize) << 4);
        v128.store(at, v128.shuffle<f64>(ab, cd, 0, 2));
        if (t + 1 < d) v128.store(at, v128.shuffle<f64>(ab, cd, 1, 3), 32);
        if (t + 2 < d) v128.store(at, v128.shuffle<f64>(AB, CD, 0, 2), 64);
        if (t + 3 < d) v128.store(at, v128.shuffle<f64>(AB, CD, 1, 3), 96);
      }
    }
  }
}

/**
 * Packs the vectors of every head, [b, n, heads, d], as rows: `out` is [b·heads, ⌈d/8⌉, 8·⌈n/8⌉, 8], so that panel p
 * holds elements 8p … 8p + 7 of all vectors one below the other, and zeros where there are none. The range counts
 * groups of 8 vectors.
 */
export function packRows(
  begin: i32, end: i32, _scratch: usize,
  source: usize, out: usize, n: i32, heads: i32, d: i32,
): void {
  const padded = roundUp(n, PANEL);
  const groups = padded / PANEL;
  const panels = roundUp(d, PANEL) / PANEL;
  const stride = ((heads * d) as usize) << 2;
  const panelBytes = (padded as usize) * PANEL_ROW;
  for (let group = begin; group < end; group++) {
    const head = group / groups;
    const first = (group % groups) * PANEL;
    const batch = head / heads;
    let from = source + ((batch * n + first) as usize) * stride + (((head % heads) * d) << 2);
    let to = out + (head as usize) * (panels as usize) * panelBytes + (first as usize) * PANEL_ROW;
    for (let j = first; j < first + PANEL; j++) {
      let at = to;
      for (let t = 0; t < d; t += PANEL) {
        v128.store(at, loadFour(from, j, n, t, d));
        v128.store(at, loadFour(from, j, n, t + 4, d), 16);
        at += panelBytes;
      }
      from += stride;
      to += PANEL_ROW;
    }
  }
}

/**
 * Packs the vectors of every head, [b, n, heads, d], as tiles times `scale`: `out` is [b·heads, ⌈n/6⌉, d, 6], zeros
 * where there are no vectors. The range counts tiles.
 */
export function packTiles(
  begin: i32, end: i32, _scratch: usize,
  source: usize, out: usize, n: i32, heads: i32, d: i32, scale: f32,
): void {
  const tiles = (n + TILE - 1) / TILE;
  const stride = ((heads * d) as usize) << 2;
  for (let tile = begin; tile < end; tile++) {
    const head = tile / tiles;
    const first = (tile % tiles) * TILE;
    const from = source + (((head / heads) * n + first) as usize) * stride + (((head % heads) * d) << 2);
    packTile(from, stride, out + (tile as usize) * (d as usize) * 24, min(TILE, n - first), d, scale);
  }
}

/** Packs up to six vectors, `stride` bytes apart, as a tile [d, 6] times `scale`, zeros where there are none. */
export function packTile(from: usize, stride: usize, to: usize, rows: i32, d: i32, scale: f32): void {
  for (let r = 0; r < TILE; r++) {
    let at = to + ((r as usize) << 2);
    const row = from + (r as usize) * stride;
    if (r < rows) {
      for (let t = 0; t < d; t++) {
        store<f32>(at, load<f32>(row + ((t as usize) << 2)) * scale);
        at += 24;
      }
    } else {
      for (let t = 0; t < d; t++) {
        store<f32>(at, 0);
        at += 24;
      }
    }
  }
}

/** Undoes tiles of sums [b·heads, ⌈n/6⌉, ⌈d/8⌉, 6, 8] times `scale` to [b, n, heads, d]. The range counts vectors. */
export function unpackTiles(
  begin: i32, end: i32, _scratch: usize,
  source: usize, out: usize, n: i32, heads: i32, d: i32, scale: f32,
): void {
  const tiles = (n + TILE - 1) / TILE;
  const panels = roundUp(d, PANEL) / PANEL;
  const factor = f32x4.splat(scale);
  for (let row = begin; row < end; row++) {
    const head = row / n;
    const i = row % n;
    let from = source + ((((head * tiles + i / TILE) * panels * TILE + (i % TILE)) as usize) << 5);
    let to = out + ((((head / heads) * n + i) * heads + (head % heads)) as usize) * (d as usize) * 4;
    let t = 0;
    for (; t + PANEL <= d; t += PANEL) {
      v128.store(to, f32x4.mul(v128.load(from), factor));
      v128.store(to, f32x4.mul(v128.load(from, 16), factor), 16);
      from += 192;
      to += 32;
    }
    for (; t < d; t++) {
      store<f32>(to, load<f32>(from) * scale);
      from += 4;
      to += 4;
    }
  }
}
