/** 16 orders for `i8x16.swizzle`: the one of a mask brings the lanes of its bits to the front. 256 bytes. */
export function storePackingOrders(at: usize): void {
  for (let mask = 0; mask < 16; mask++) {
    let to = at + ((mask as usize) << 4);
    for (let lane = 0; lane < 4; lane++) {
      if (((mask >> lane) & 1) == 0) continue;
      store<u32>(to, 0x03020100 + lane * 0x04040404);
      to += 4;
    }
  }
}
