// SYNTAX TEST "source.wgsl.pp" "literals, types, calls, operators"

let a = array(1u, 2i, 0x1Fu, 1.0f, .5h, 1e-3, 0x1p4h, 0x1.8p-2, 3h, 7f, 0, 12);
//            ^^ constant.numeric.integer.wgsl
//                ^^ constant.numeric.integer.wgsl
//                    ^^^^^ constant.numeric.integer.hexadecimal.wgsl
//                           ^^^^ constant.numeric.float.wgsl
//                                 ^^^ constant.numeric.float.wgsl
//                                      ^^^^ constant.numeric.float.wgsl
//                                            ^^^^^^ constant.numeric.float.hexadecimal.wgsl
//                                                    ^^^^^^^^ constant.numeric.float.hexadecimal.wgsl
//                                                              ^^ constant.numeric.float.wgsl
//                                                                  ^^ constant.numeric.float.wgsl
//                                                                         ^^ constant.numeric.integer.wgsl
let suffix = 1.5h;
//              ^ storage.type.suffix.wgsl
//           ^^^^ constant.numeric.float.wgsl
var b: array<vec4<f16>, (N >> 1u)> = array<vec4<f16>, 4>();
//  ^ variable.other.readwrite.wgsl
//           ^^^^ storage.type.vector.wgsl
//                         ^^ keyword.operator.bitwise.shift.wgsl
//                   ^ punctuation.definition.template.end.wgsl
//                               ^ meta.template.wgsl punctuation.definition.template.end.wgsl
var c = ptr<function, array<f32, 4>>;
//      ^^^ storage.type.pointer.wgsl
//          ^^^^^^^^ storage.modifier.address-space.wgsl
//                                ^^ punctuation.definition.template.end.wgsl
let d = a < b && c > d || x >= y;
//        ^ keyword.operator.comparison.wgsl
//            ^^ keyword.operator.logical.wgsl
//                 ^ keyword.operator.comparison.wgsl
//                          ^^ keyword.operator.comparison.wgsl
let e = dot(q.xyz, k.rgb) + max(v.x, HEAD_DIM) * helper(TILE_SIZE);
//      ^^^ support.function.builtin.wgsl
//            ^^^ variable.other.property.swizzle.wgsl
//                          ^^^ support.function.builtin.wgsl
//                                   ^^^^^^^^ variable.other.constant.macro.wgsl
//                                               ^^^^^^ entity.name.function.call.wgsl
//                                                      ^^^^^^^^^ variable.other.constant.macro.wgsl
let f = bitcast<vec2<f16>>(packed[i]);
//      ^^^^^^^ support.function.builtin.wgsl
//              ^^^^ storage.type.vector.wgsl
//                      ^^ punctuation.definition.template.end.wgsl
//                         ^^^^^^ variable.other.wgsl
//                               ^ punctuation.section.brackets.begin.wgsl
workgroupBarrier();
// <---------------- support.function.builtin.barrier.wgsl
let g = subgroupShuffleXor(atomicLoad(&counter), 1u);
//      ^^^^^^^^^^^^^^^^^^ support.function.builtin.subgroup.wgsl
//                         ^^^^^^^^^^ support.function.builtin.atomic.wgsl
//                                    ^ keyword.operator.bitwise.wgsl
var m = subgroupMatrixLoad<subgroup_matrix_left<f16, SG_MAT_K, SG_MAT_M>>(&shmem, 0u, false, STRIDE);
//      ^^^^^^^^^^^^^^^^^^ support.function.builtin.subgroup-matrix.wgsl
//                        ^ meta.template.call.wgsl punctuation.definition.template.begin.wgsl
//                                                                     ^^ punctuation.definition.template.end.wgsl
//                         ^^^^^^^^^^^^^^^^^^^^ storage.type.subgroup-matrix.wgsl
//                                                   ^^^^^^^^ variable.other.constant.macro.wgsl
//                                                                                    ^^^^^ constant.language.boolean.wgsl
//                                                                                           ^^^^^^ variable.other.constant.macro.wgsl
let n = textureLoad(t, vec2u(0), 0).SRC_FIELD;
//      ^^^^^^^^^^^ support.function.builtin.texture.wgsl
//                     ^^^^^ storage.type.vector.wgsl
//                                  ^^^^^^^^^ variable.other.constant.macro.wgsl
if (x != 0) { x <<= 2; } else { x++; }
// <-- keyword.control.conditional.wgsl
//    ^^ keyword.operator.comparison.wgsl
//              ^^^ keyword.operator.assignment.compound.wgsl
//                       ^^^^ keyword.control.conditional.wgsl
//                               ^^ keyword.operator.increment.wgsl
for (var i = 0u; i < n; i += 1u) { continue; }
// <--- keyword.control.loop.wgsl
//                 ^ keyword.operator.comparison.wgsl
//                        ^^ keyword.operator.assignment.compound.wgsl
//                                 ^^^^^^^^ keyword.control.flow.wgsl
loop { continuing { break if done; } }
// <---- keyword.control.loop.wgsl
//     ^^^^^^^^^^ keyword.control.loop.wgsl
//                  ^^^^^ keyword.control.flow.wgsl
switch kind { case 1, 2: { return; } default: { discard; } }
// <------ keyword.control.conditional.wgsl
//            ^^^^ keyword.control.conditional.wgsl
//                         ^^^^^^ keyword.control.flow.wgsl
//                                              ^^^^^^^ keyword.control.flow.wgsl
_ = FF_FUNC(Params(1), params.scale, write, read);
// <- variable.language.phony.wgsl
//  ^^^^^^^ variable.other.constant.macro.wgsl
//          ^^^^^^ entity.name.function.call.wgsl
//                     ^^^^^^ variable.other.wgsl
//                            ^^^^^ variable.other.property.wgsl
//                                   ^^^^^ variable.other.wgsl
//                                          ^^^^ variable.other.wgsl
let p: Block = block_q4_0; let Q = K;
//     ^^^^^ entity.name.type.wgsl
//             ^^^^^^^^^^ variable.other.wgsl
//                                 ^ variable.other.wgsl
let Δέλτα = größe;
//  ^^^^^ variable.other.readonly.wgsl
//          ^^^^^ variable.other.wgsl
let virtual = 1;
// <--- storage.type.wgsl
x = virtual;
//  ^^^^^^^ invalid.illegal.reserved-word.wgsl
#if A
let long_type = array<
  vec4<f32>,
//^^^^ meta.template.wgsl storage.type.vector.wgsl
#else
// <- punctuation.definition.directive.wgsl - meta.template.wgsl
let y = 1;
// <--- storage.type.wgsl - meta.template.wgsl
#endif
