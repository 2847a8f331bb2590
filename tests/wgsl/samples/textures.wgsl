struct Vertex {
    @location(0) position: vec3f,
    @location(1) normal: vec3f,
    @builtin(vertex_index) index: u32,
}

struct Varying {
    @invariant @builtin(position) position: vec4f,
    @location(0) @interpolate(perspective, centroid) uv: vec2<f32>,
    @location(1) @interpolate(flat) layer: u32,
};

struct Camera {
    view: mat4x4<f32>,
    normal: mat3x3f,
    lights: array<vec4<f32>, 4>,
}

@group(0) @binding(0) var<uniform> camera: Camera;
@group(0) @binding(1) var albedo: texture_2d_array<f32>;
@group(0) @binding(2) var shadow: texture_depth_2d;
@group(0) @binding(3) var smooth_sampler: sampler;
@group(0) @binding(4) var compare: sampler_comparison;
@group(1) @binding(0) var target_image: texture_storage_2d<rgba8unorm, write>;

@vertex
fn vertex_main(in: Vertex) -> Varying {
    var out: Varying;
    let world = camera.view * vec4(in.position, 1);
    let turned = camera.normal * in.normal;
    out.position = world;
    out.uv = world.xy * 0.5 + turned.xy;
    out.layer = in.index % 4u;
    return out;
}

@fragment
fn fragment_main(in: Varying, @builtin(front_facing) front: bool) -> @location(0) vec4<f32> {
    let size = textureDimensions(albedo);
    let texel = textureLoad(albedo, vec2<u32>(in.uv * vec2f(size)), in.layer, 0);
    let color = textureSample(albedo, smooth_sampler, in.uv, in.layer);
    let lit = textureSampleCompare(shadow, compare, in.uv, 0.5);
    let slope = dpdx(in.uv) + fwidth(in.uv);
    textureStore(target_image, vec2(0u, 1u), texel);
    var result = color * lit + camera.lights[in.layer];
    result.a = select(slope.x, 1.0, front);
    if result.a < 0.01 {
        discard;
    }
    return result;
}
