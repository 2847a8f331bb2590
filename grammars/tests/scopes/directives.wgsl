// SYNTAX TEST "source.wgsl.pp" "directives of the preprocessor"

#include "common.tmpl"
// <- keyword.control.directive.include.wgsl punctuation.definition.directive.wgsl
// <~------- keyword.control.directive.include.wgsl
//        ^^^^^^^^^^^ meta.preprocessor.include.wgsl string.quoted.double.include.wgsl
  #  include common.tmpl // unquoted
//   ^^^^^^^ keyword.control.directive.include.wgsl
//           ^^^^^^^^^^^ string.unquoted.include.wgsl
//                       ^^ comment.line.double-slash.wgsl

#define BLOCK_SIZE 256
// <~------ keyword.control.directive.define.wgsl
//      ^^^^^^^^^^ entity.name.function.preprocessor.wgsl
//                 ^^^ meta.preprocessor.define.wgsl constant.numeric.integer.wgsl
#define ROWS (BLOCK_SIZE / N_THREADS) // per thread
//      ^^^^ entity.name.function.preprocessor.wgsl
//           ^ punctuation.section.parens.begin.wgsl
//            ^^^^^^^^^^ variable.other.constant.macro.wgsl
//                       ^ keyword.operator.arithmetic.wgsl
//                         ^^^^^^^^^ variable.other.constant.macro.wgsl
//                                       ^^^ comment.line.double-slash.wgsl
#define KV_TYPE vec4<f16>
//      ^^^^^^^ entity.name.function.preprocessor.wgsl
//              ^^^^ storage.type.vector.wgsl
//                  ^ punctuation.definition.template.begin.wgsl
//                   ^^^ storage.type.scalar.wgsl
#define DECLARED
//      ^^^^^^^^ entity.name.function.preprocessor.wgsl
let after_a_define = 1;
// <--- storage.type.wgsl - meta.preprocessor.define.wgsl
#define STRIDE_OF_A \
//                  ^ punctuation.separator.continuation.line.wgsl
    (params.stride + \
//   ^^^^^^ meta.preprocessor.define.wgsl variable.other.wgsl
//          ^^^^^^ variable.other.property.wgsl
//                   ^ punctuation.separator.continuation.line.wgsl
     4u)
//   ^^ meta.preprocessor.define.wgsl constant.numeric.integer.wgsl
fn after_continuation() {}
// <-- storage.type.function.wgsl - meta.preprocessor.define.wgsl
#undef BLOCK_SIZE
// <~----- keyword.control.directive.undef.wgsl
//     ^^^^^^^^^^ entity.name.function.preprocessor.wgsl

#ifdef MASK
// <~----- keyword.control.directive.conditional.wgsl
//     ^^^^ entity.name.function.preprocessor.wgsl
#ifndef k_direct // lower case too
// <~------ keyword.control.directive.conditional.wgsl
//      ^^^^^^^^ entity.name.function.preprocessor.wgsl
//                  ^^^^^ comment.line.double-slash.wgsl
#else
// <- punctuation.definition.directive.wgsl
// <~---- keyword.control.directive.conditional.wgsl
#endif
// <~----- keyword.control.directive.conditional.wgsl
#endif // MASK
//        ^^^^ comment.line.double-slash.wgsl
#if defined(Q_TILE) && !defined(SINKS) || HEAD_DIM % 32 == 0
// <~-- keyword.control.directive.conditional.wgsl
//  ^^^^^^^ keyword.operator.word.defined.wgsl
//          ^^^^^^ entity.name.function.preprocessor.wgsl
//                  ^^ keyword.operator.logical.wgsl
//                     ^ keyword.operator.logical.wgsl
//                              ^^^^^ entity.name.function.preprocessor.wgsl
//                                     ^^ keyword.operator.logical.wgsl
//                                        ^^^^^^^^ entity.name.function.preprocessor.wgsl
//                                                 ^ keyword.operator.arithmetic.wgsl
//                                                   ^^ constant.numeric.integer.wgsl
//                                                      ^^ keyword.operator.comparison.wgsl
#elif defined MUL_ACC_Q4_0 || \
// <~---- keyword.control.directive.conditional.wgsl
//            ^^^^^^^^^^^^ entity.name.function.preprocessor.wgsl
//                            ^ punctuation.separator.continuation.line.wgsl
      (1 << N) >= tile
//       ^^ keyword.operator.bitwise.shift.wgsl
//          ^ meta.preprocessor.conditional.wgsl entity.name.function.preprocessor.wgsl
//             ^^ keyword.operator.comparison.wgsl
//                ^^^^ entity.name.function.preprocessor.wgsl
#endif
// <~----- keyword.control.directive.conditional.wgsl

#pragma once
// <~------ invalid.illegal.directive.wgsl
#if(defined(X))
// <~-------------- invalid.illegal.directive.wgsl
a # b
//^ source.wgsl.pp - meta.preprocessor.unknown.wgsl

/* the preprocessor knows no comments
#ifdef INSIDE
// <~----- comment.block.wgsl keyword.control.directive.conditional.wgsl
//     ^^^^^^ entity.name.function.preprocessor.wgsl
still a comment */
// <----- comment.block.wgsl
#endif /* not closed on this line
//            ^^^^^^ comment.block.wgsl
let code_again = 1;
// <--- storage.type.wgsl - comment.block.wgsl
