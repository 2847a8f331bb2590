// SYNTAX TEST "source.wgsl.pp" "comments"

let a = 1; // plain
//         ^^ punctuation.definition.comment.wgsl
//            ^^^^^ comment.line.double-slash.wgsl
let b = 1; /// documented
//             ^^^^^^^^^^ comment.line.documentation.wgsl
let c = /* one /* nested */ still */ 2;
//         ^^^ comment.block.wgsl
//                ^^^^^^ comment.block.wgsl comment.block.wgsl
//                          ^^^^^ comment.block.wgsl
//                                   ^ constant.numeric.integer.wgsl - comment.block.wgsl
let d = 1; // #region tiles
//            ^^^^^^^ comment.line.region.wgsl keyword.other.region.wgsl
let e = 1; // endregion
//            ^^^^^^^^^ comment.line.region.wgsl keyword.other.region.wgsl
let f = a /b; // a division
//        ^ keyword.operator.arithmetic.wgsl
//         ^ variable.other.wgsl
