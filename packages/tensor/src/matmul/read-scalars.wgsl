// The operands of operands.wgsl, of any shape.

@group(0) @binding(1) var<storage, read> a: array<f32>;
@group(0) @binding(2) var<storage, read> b: array<f32>;

fn elementOfA(at: u32) -> f32 { return a[at]; }

fn elementOfB(at: u32) -> f32 { return b[at]; }

fn vectorOfA(at: u32) -> vec4f { return vec4f(a[at], a[at + 1u], a[at + 2u], a[at + 3u]); }

fn vectorOfB(at: u32) -> vec4f { return vec4f(b[at], b[at + 1u], b[at + 2u], b[at + 3u]); }
