// SYNTAX TEST "source.wgsl.pp" "directives, attributes and declarations of WGSL"

enable f16, subgroups, chromium_experimental_subgroup_matrix;
// <------ keyword.control.directive.enable.wgsl
//     ^^^ support.constant.extension.wgsl
//          ^^^^^^^^^ support.constant.extension.wgsl
//                     ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ support.constant.extension.wgsl
//                                                          ^ punctuation.terminator.statement.wgsl
enable something_new;
//     ^^^^^^^^^^^^^ constant.other.extension.wgsl
enable
// <------ keyword.control.directive.enable.wgsl
  f16;
//^^^ support.constant.extension.wgsl
enable f16 // the semicolon is missing
fn next() {}
// <-- storage.type.function.wgsl - meta.directive.enable.wgsl
requires pointer_composite_access;
// <-------- keyword.control.directive.requires.wgsl
//       ^^^^^^^^^^^^^^^^^^^^^^^^ support.constant.language-feature.wgsl
diagnostic(off, subgroup_uniformity);
// <---------- keyword.control.directive.diagnostic.wgsl
//         ^^^ support.constant.severity.wgsl
//              ^^^^^^^^^^^^^^^^^^^ support.constant.diagnostic-rule.wgsl
diagnostic(warning, chromium.subgroup_matrix_uniformity);
//                  ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^ support.constant.diagnostic-rule.wgsl
alias Tile = array<f32, TILE>;
// <----- storage.type.alias.wgsl
//    ^^^^ entity.name.type.alias.wgsl
//           ^^^^^ storage.type.composite.wgsl
//                      ^^^^ variable.other.constant.macro.wgsl
//                          ^ punctuation.definition.template.end.wgsl

struct Params {
// <------ storage.type.struct.wgsl
//     ^^^^^^ entity.name.type.struct.wgsl
//            ^ punctuation.section.block.begin.wgsl
  @align(16) @size(32) scale: f32,
//^ punctuation.definition.attribute.wgsl
// ^^^^^ keyword.other.attribute.wgsl
//       ^^ constant.numeric.integer.wgsl
//                     ^^^^^ variable.other.wgsl
//                            ^^^ storage.type.scalar.wgsl
}

@group(0) @binding(DST_BINDING) var<storage, read_write> dst: array<DST_TYPE>;
// <~----- keyword.other.attribute.wgsl
//         ^^^^^^^ keyword.other.attribute.wgsl
//                 ^^^^^^^^^^^ variable.other.constant.macro.wgsl
//                              ^^^ storage.type.wgsl
//                                  ^^^^^^^ storage.modifier.address-space.wgsl
//                                           ^^^^^^^^^^ storage.modifier.access-mode.wgsl
//                                                       ^^^ variable.other.wgsl
//                                                                  ^^^^^^^^ variable.other.constant.macro.wgsl
@group(0) @binding(1) var weights: texture_storage_2d<r32float, read>;
//                        ^^^^^^^ variable.other.readwrite.wgsl
//                                 ^^^^^^^^^^^^^^^^^^ storage.type.texture.wgsl
//                                                    ^^^^^^^^ support.constant.texel-format.wgsl
//                                                              ^^^^ storage.modifier.access-mode.wgsl
@id(3) override n_threads: u32 = 64;
// <~-- keyword.other.attribute.wgsl
//     ^^^^^^^^ storage.type.wgsl
//              ^^^^^^^^^ variable.other.constant.wgsl
const pi = 3.14159;
// <----- storage.type.wgsl
//    ^^ variable.other.constant.wgsl
const_assert TILE % 4 == 0;
// <------------ keyword.other.const-assert.wgsl
//           ^^^^ variable.other.constant.macro.wgsl

@diagnostic(off, derivative_uniformity)
// <~---------- keyword.other.attribute.wgsl
//          ^^^ support.constant.severity.wgsl
//               ^^^^^^^^^^^^^^^^^^^^^ support.constant.diagnostic-rule.wgsl
@compute @workgroup_size(WG_SIZE, 1, 1)
// <~------- keyword.other.attribute.stage.wgsl
//        ^^^^^^^^^^^^^^ keyword.other.attribute.wgsl
//                       ^^^^^^^ variable.other.constant.macro.wgsl
fn main(@builtin(global_invocation_id) gid: vec3<u32>,
// <-- storage.type.function.wgsl
// ^^^^ entity.name.function.wgsl
//       ^^^^^^^ keyword.other.attribute.wgsl
//               ^^^^^^^^^^^^^^^^^^^^ support.constant.builtin-value.wgsl
//                                     ^^^ variable.other.wgsl
//                                          ^^^^ storage.type.vector.wgsl
        @builtin(LOCAL_ID) local: u32) {
//               ^^^^^^^^ variable.other.constant.macro.wgsl
}
@fragment fn shade(@location(0) @interpolate(flat, either) index: u32) -> @location(0) vec4f {}
// <~-------- keyword.other.attribute.stage.wgsl
//                                           ^^^^ support.constant.interpolation.wgsl
//                                                 ^^^^^^ support.constant.interpolation.wgsl
//                                                                     ^^ keyword.operator.arrow.wgsl
//                                                                                     ^^^^^ storage.type.vector.wgsl
@something_else fn f() {}
// <~-------------- keyword.other.attribute.unknown.wgsl
