// Teams of 16 threads, four in a workgroup, that walk along rows together, a vector of four each.

const TEAM = 16u;
const TEAMS = 4u;

var<workgroup> terms: array<f32, TEAM * TEAM * TEAMS>;

/** Where the term is that thread `giver` of a team adds to the sum of thread `taker`. */
fn termPlace(team: u32, giver: u32, taker: u32) -> u32 {
  return (team * TEAM + giver) * TEAM + taker;
}

/** The sum of the terms for a thread of the team, in order. */
fn sumOfTerms(team: u32, taker: u32) -> f32 {
  var sum = terms[termPlace(team, 0u, taker)];
  for (var giver = 1u; giver < TEAM; giver++) { sum += terms[termPlace(team, giver, taker)]; }
  return sum;
}
