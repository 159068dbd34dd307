// Weights are finite and at least 0; −0 is.

fn isAllowed(bits: u32) -> bool {
  return bits < 0x7f800000u || bits == 0x80000000u;
}
