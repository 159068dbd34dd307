/** Copies vectors [begin, end) of 16 bytes: the traffic of an operation that computes nothing. */
export function copy(begin: i32, end: i32, scratch: usize, from: usize, to: usize): void {
  const last = (<usize>end) << 4;
  for (let at = (<usize>begin) << 4; at < last; at += 16) v128.store(to + at, v128.load(from + at));
}
