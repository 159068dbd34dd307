// The same where four neighbours that are read together never begin between two vectors: one load instead of four.

@group(0) @binding(1) var<storage, read> a: array<vec4f>;
@group(0) @binding(2) var<storage, read> b: array<vec4f>;

fn elementOfA(at: u32) -> f32 { return a[at / 4u][at % 4u]; }

fn elementOfB(at: u32) -> f32 { return b[at / 4u][at % 4u]; }

fn vectorOfA(at: u32) -> vec4f { return a[at / 4u]; }

fn vectorOfB(at: u32) -> vec4f { return b[at / 4u]; }
