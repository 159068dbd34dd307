// λ of the second stage, found on the device: λ, and how far the search is.

struct Search { lambda: f32, phase: u32, unused: vec2u }

/** Going on; done; and nothing to thin: the first stage kept no more than is wanted. */
const SEARCHING = 0u;
const FOUND = 1u;
const KEEP_ALL = 2u;
