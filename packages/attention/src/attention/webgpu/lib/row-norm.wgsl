/** Where a team sums up ‖dO‖² of its row, in three places (lib/squares.wgsl): terms for its threads 0, 1 and 2. */
fn putSquares(team: u32, thread: u32, query: u32) {
  var sum = vec3f(0.0);
  for (var p = thread; p < u.depth; p += TEAM) {
    let x = dOut[query + p];
    sum += squareOf(x.x) + squareOf(x.y) + squareOf(x.z) + squareOf(x.w);
  }
  for (var i = 0u; i < 3u; i++) { terms[termPlace(team, thread, i)] = sum[i]; }
}

/** ‖dO‖, after a barrier. */
fn normOf(team: u32) -> f32 {
  return rootOf(vec3f(sumOfTerms(team, 0u), sumOfTerms(team, 1u), sumOfTerms(team, 2u)));
}
