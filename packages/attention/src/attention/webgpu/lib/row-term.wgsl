/** β dO of a row, vector p, summed over the query heads of a key head. */
fn rowTerm(keyHead: u32, row: u32, p: u32) -> vec4f {
  let group = u.queryHeads / u.keyHeads;
  var sum = vec4f(0.0);
  for (var h = keyHead * group; h < (keyHead + 1u) * group; h++) {
    sum = fma(vec4f(beta[u.firstRow + h * u.length + row]), dOut[queryAt(h, row) + p], sum);
  }
  return sum;
}
